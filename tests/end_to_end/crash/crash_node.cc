#include "tests/end_to_end/crash/crash_node.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "tests/wazo_sim/http/plain_client.h"

namespace tandem::crash {
namespace {

namespace fs = std::filesystem;

// A port that nobody listens on now.
int free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof where;
  auto* address = reinterpret_cast<sockaddr*>(&where);
  const bool done = bind(socket, address, size) == 0 && getsockname(socket, address, &size) == 0;
  close(socket);
  if (!done) fail("no free port");
  return ntohs(where.sin_port);
}

std::string or_none(const Json& document, const char* key) {
  if (!document.contains(key) || !document[key].is_string()) return "none";
  const auto text = document[key].get<std::string>();
  return text.empty() ? "none" : text;
}

std::string expiry_of(const Json& pairs) {
  std::map<std::string, std::string> options;
  for (const Json& pair : pairs) options[pair[0]] = pair[1];
  return options["minimum_expiration"] + "/" + options["maximum_expiration"] + "/" +
         options["default_expiration"];
}

}  // namespace

void fail(const std::string& what) { throw std::runtime_error(what); }

bool within(int seconds, const std::function<bool()>& holds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{seconds};
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
  return true;
}

CrashNode::CrashNode(std::string tandem, const std::string& wazo_sim, unsigned seed)
    : tandem_(std::move(tandem)) {
  for (const char* below :
       {"root/etc/xivo", "root/etc/cron.d", "root/var/lib/wazo", "root/run", "services", "tandem"})
    fs::create_directories(folder_ / below);
  const auto ports = folder_ / "ports";
  services_ = Child({wazo_sim, "--root", folder_ / "root", "--state", folder_ / "services",
                     "--seed", std::to_string(seed)},
                    ports);
  if (!within(30, [&] { return content_of(ports).find('}') != std::string::npos; }))
    fail("the stand-in for Wazo's services did not start");
  write_configuration(content_of(ports));
}

void CrashNode::write_configuration(const std::string& text) {
  const Json ports = Json::parse(text.substr(0, text.find('\n')));
  control_port_ = ports["control"];
  write_to(folder_ / "credentials.yaml", "username: tandem\npassword: tandem\n");
  fs::permissions(folder_ / "credentials.yaml", fs::perms{0600});
  write_to(folder_ / "operator.yaml",
           fmt::format(R"(apiVersion: tandem.ha/v1alpha1
kind: OperatorConfig
spec:
  node: pbx-a
  pair: {0}/pair.yaml
  root: {0}/root
  stateDir: {0}/tandem
  listen: 127.0.0.1:{1}
  tokenFile: {0}/token
  wazo:
    confd: http://127.0.0.1:{2}/1.1
    provd: http://127.0.0.1:{3}/0.2
    auth: http://127.0.0.1:{4}/0.1
    credentialsFile: {0}/credentials.yaml
)",
                       folder_.path(), free_port(), ports["confd"].get<int>(),
                       ports["provd"].get<int>(), ports["auth"].get<int>()));
}

void CrashNode::declare(const Declaration& declaration) {
  write_to(folder_ / "pair.new", declaration.yaml());
  fs::rename(folder_ / "pair.new", folder_ / "pair.yaml");
}

void CrashNode::start() {
  fs::remove(folder_ / "operator.log");
  operator_ =
      Child({tandem_, "run", "--operator", folder_ / "operator.yaml"}, folder_ / "operator.log");
  const auto looked = [&] {
    const auto log = content_of(folder_ / "operator.log");
    return log.find("type=Converged status=True") != std::string::npos ||
           log.find("type=Converged status=False") != std::string::npos;
  };
  if (!within(60, looked)) fail("the operator did not come up:\n" + log());
  if (log().find("can not be used") != std::string::npos) fail("state was damaged:\n" + log());
}

Child CrashNode::order() {
  return Child({tandem_, "apply", "--structural", "--reason", "a crash test", "--operator",
                folder_ / "operator.yaml"},
               folder_ / "orders.log");
}

Json CrashNode::control(const std::string& method, const std::string& path, const Json& body) {
  const auto answer =
      wazo_sim::ask(control_port_, method, path, {{"Content-Type", "application/json"}},
                    body.is_null() ? "" : body.dump());
  if (answer.status / 100 != 2)
    fail(fmt::format("{} {}: {} {}", method, path, answer.status, answer.body));
  return Json::parse(answer.body);
}

Facts CrashNode::facts() {
  Facts facts;
  for (const char* path : kFiles) {
    const bool there = fs::exists(managed(path));
    facts[path] = there ? file_fact(mode_of(managed(path)), content_of(managed(path))) : "absent";
  }
  const Json services = control("GET", "/state");
  for (const Json& config : services["provd"]["configs"])
    if (config.value("X_type", "") == "registrar")
      facts["registrar " + config["id"].get<std::string>()] =
          or_none(config, "registrar_backup") + " " + or_none(config, "proxy_backup");
  for (const Json& found : services["confd"]["templates"])
    if (found["label"] == "global")
      facts["template " + found["uuid"].get<std::string>()] =
          expiry_of(found["aor_section_options"]);
  facts["declaration"] = accepted();
  return facts;
}

Facts CrashNode::wanted(const Declaration& declaration) {
  Facts wanted = declaration.files();
  for (const auto& [name, value] : facts()) {
    if (name.starts_with("registrar ")) wanted[name] = declaration.registrar();
    if (name.starts_with("template ")) wanted[name] = declaration.expiry();
  }
  wanted["declaration"] = declaration.yaml();
  return wanted;
}

std::vector<std::string> CrashNode::leftovers() const {
  std::vector<std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(folder_.path()))
    if (entry.path().filename().string().find(".tandem-") != std::string::npos)
      found.push_back(entry.path().filename());
  return found;
}

std::string CrashNode::accepted() const { return content_of(state() + "/accepted-pair.yaml"); }

std::int64_t CrashNode::generation() const {
  const auto text = content_of(state() + "/accepted.json");
  const Json record = Json::parse(text, nullptr, false);
  if (!record.is_object() || !record["generation"].is_number_integer())
    fail("accepted.json is torn: " + text);
  return record["generation"];
}

bool CrashNode::in_doubt() const {
  const auto path = state() + "/unconfirmed";
  if (!fs::exists(path)) return false;
  const auto text = content_of(path);
  std::istringstream lines(text);
  constexpr std::size_t kLine = sizeof "sip-template/00000000-0000-4000-8000-000000000000" - 1;
  for (std::string line; std::getline(lines, line);)
    if (!line.starts_with("sip-template/") || line.size() != kLine)
      fail("unconfirmed is torn: " + text);
  if (!text.ends_with('\n')) fail("unconfirmed is torn: " + text);
  return true;
}

std::string CrashNode::log() const {
  const auto log = content_of(folder_ / "operator.log");
  return log.substr(log.size() > 4000 ? log.size() - 4000 : 0);
}

}  // namespace tandem::crash
