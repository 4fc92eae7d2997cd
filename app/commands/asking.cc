#include "app/commands/asking.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "app/blocking.h"
#include "app/operator_client.h"
#include "app/terminal.h"
#include "core/history.h"
#include "ports/cpprest_http.h"

namespace tandem {
namespace {

constexpr std::size_t kNameMax = 150;  // of who types

bool needs_quotes(const std::string& text) {
  if (text.empty() || text != text.substr(0, text.find_last_not_of(' ') + 1)) return true;
  const auto safe = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '/' ||
           c == '.';
  };
  if (!std::all_of(text.begin(), text.end(), safe)) return true;
  if (std::isalpha(static_cast<unsigned char>(text[0])) == 0 && text[0] != '/') return true;
  for (const char* word : {"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
    if (text.size() == std::string_view(word).size() &&
        std::equal(text.begin(), text.end(), word,
                   [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; }))
      return true;
  return false;
}

std::string scalar(const nlohmann::ordered_json& json) {
  if (json.is_string() && !needs_quotes(json.get_ref<const std::string&>()))
    return json.get<std::string>();
  return shown_json(json, -1);  // JSON is YAML
}

void emit(std::string& out, const nlohmann::ordered_json& json, std::size_t depth) {
  const std::string margin(depth * 2, ' ');
  const auto below = [&](const nlohmann::ordered_json& value) {
    if ((value.is_object() || value.is_array()) && !value.empty()) {
      out += '\n';
      emit(out, value, depth + 1);
    } else {
      out += ' ' + scalar(value) + '\n';
    }
  };
  if (json.is_object()) {
    for (const auto& [key, value] : json.items()) {
      out += margin + scalar(key) + ':';
      below(value);
    }
  } else if (json.is_array()) {
    for (const auto& value : json) {
      out += margin + '-';
      below(value);
    }
  } else {
    out += margin + scalar(json) + '\n';
  }
}

}  // namespace

Result<nlohmann::ordered_json> ask_operator(const OperatorConfig& config, const std::string& path,
                                            std::chrono::milliseconds limit) {
  boost::asio::io_context io(1);
  CpprestHttp http(io, std::nullopt);
  OperatorClient client(http, config);
  auto answer = run_to_end(io, client.get(path, limit));
  if (answer.ok()) return answer;
  if (answer.error().fault == Fault::connection_refused)
    return Error{Fault::connection_refused,
                 nobody_listens(config).message + "; `tandem plan` needs none"};
  return answer;
}

Result<nlohmann::ordered_json> ask_for_pair(const Options& options,
                                            std::chrono::milliseconds limit) {
  const auto config = load_config(options);
  if (!config.ok()) return config.error();
  return ask_operator(config.value(), "/api/v1/pair", limit);
}

std::string as_yaml(const nlohmann::ordered_json& json) {
  std::string out;
  emit(out, json, 0);
  return out;
}

std::string who_types() {
  const passwd* account = getpwuid(getuid());
  std::string name = account != nullptr ? account->pw_name : fmt::format("uid {}", getuid());
  const char* before_sudo = std::getenv("SUDO_USER");
  if (before_sudo != nullptr && *before_sudo != '\0')
    name = fmt::format("{} as {}", one_line(before_sudo, 40), name);
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0) return one_line(name, kNameMax);
  return one_line(fmt::format("{} on {}", name, host.data()), kNameMax);
}

}  // namespace tandem
