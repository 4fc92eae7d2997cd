// `tandem pki init|renew`: the certificates of the peer link.
#include "app/pki.h"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <charconv>

#include "app/commands/commands.h"
#include "app/secrets.h"
#include "app/terminal.h"
#include "ports/real_clock.h"
#include "ports/real_filesystem.h"
#include "reconciler/spec_keeper.h"

namespace tandem {
namespace {

using Json = nlohmann::ordered_json;

Result<int> days_of(const std::string& text) {
  int days = kNodeDays;
  if (text.empty()) return days;
  const auto* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, days);
  if (read.ec != std::errc() || read.ptr != end || days < 1 || days > kNodeDaysMax)
    return Error{Fault::invalid, fmt::format("--days must be from 1 to {}", kNodeDaysMax)};
  return days;
}

// What was typed; invalid: wrong usage.
Result<PkiOrder> order_of(const PkiFlags& flags) {
  const auto days = days_of(flags.days);
  if (!days.ok()) return days.error();
  PkiOrder order;
  order.days = days.value();
  if (!flags.dir.empty()) order.folder = flags.dir;
  while (order.folder.size() > 1 && order.folder.ends_with('/')) order.folder.pop_back();
  if (!is_plain_path(order.folder))
    return Error{Fault::invalid, "--dir must be absolute, of letters, digits and . _ - / alone"};
  return order;
}

Result<Json> pki_now(const OperatorConfig& config, const PkiFlags& flags, PkiOrder order) {
  order.node = config.node;
  order.now = RealClock().wall();
  boost::asio::io_context io(1);
  RealFilesystem disk(io.get_executor(), "/");
  // The declaration may still wait for its order: the certificates come before it.
  SpecKeeper specs(disk, config.pair, config.state_dir, config.node);
  specs.preview();
  if (specs.view().refused) return *specs.view().refused;
  const HAPair& pair = *specs.view().wanted();
  if (flags.what == "renew") return pki_renew(disk, pair, order);
  const Status folder = make_private_folder(order.folder);
  if (!folder.ok()) return folder.error();
  return pki_init(disk, pair, order);
}

std::string word(const Json& json, const char* key) { return json.at(key).get<std::string>(); }

void print_text(const Json& told, bool renewed) {
  for (const Json& file : told.at("files"))
    fmt::print("{:<12} {:<10} {} (until {})\n", word(file, "what"), word(file, "state"),
               word(file, "certificate"), word(file, "until"));
  if (told.contains("copy"))
    fmt::print("\nGive the other node what it needs (never the authority's key):\n\n  {}\n",
               word(told, "copy"));
  if (renewed) {
    fmt::print("\nOperators that run take the new ones up by themselves.\n");
    return;
  }
  for (const auto& [node, line] : told.at("listenTls").items())
    fmt::print("\nIn /etc/tandem/operator.yaml of {}, under spec:\n\n{}\n", node,
               line.get<std::string>());
}

}  // namespace

int pki_command(const Options& options, const PkiFlags& flags) {
  const auto given = order_of(flags);
  if (!given.ok()) {
    print_error(options, given.error().message);
    return kExitUsage;
  }
  const auto config = load_config(options);
  if (!config.ok()) {
    print_error(options, config.error().message);
    return kExitFailed;
  }
  const auto told = pki_now(config.value(), flags, given.value());
  if (!told.ok()) {
    print_error(options, told.error().message);
    return kExitFailed;
  }
  if (flags.output == "json")
    fmt::print("{}\n", shown_json(told.value()));
  else
    print_text(told.value(), flags.what == "renew");
  return kExitGood;
}

}  // namespace tandem
