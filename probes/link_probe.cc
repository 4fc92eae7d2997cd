#include "probes/link_probe.h"

namespace tandem {
namespace {

bool serves(const Interface& interface) { return interface.up && interface.carrier; }

LinkReading without_carrier(const Interface& interface) {
  return {OwnLink::no_carrier, interface.name + (interface.up ? " has no carrier" : " is down")};
}

}  // namespace

LinkReading own_link(const Result<RouteView>& seen, const std::string& own) {
  if (own.starts_with("127.")) return {OwnLink::good, "loopback"};
  if (!seen.ok()) return {OwnLink::unknown, seen.error().message};
  const RouteView& view = seen.value();
  if (!view.holder) return {OwnLink::no_address, own + " is on no interface"};
  if (!serves(*view.holder)) return without_carrier(*view.holder);
  if (!view.way) return {OwnLink::no_route, "no route to the other node"};
  if (!serves(*view.way)) return without_carrier(*view.way);
  return {OwnLink::good, "by " + view.way->name};
}

}  // namespace tandem
