#include "app/harvest_service.h"

#include <boost/asio/use_awaitable.hpp>
#include <optional>
#include <utility>

#include "pbx/voicemail_files.h"
#include "ports/offload.h"
#include "ports/spawn.h"
#include "replication/harvest/merge.h"

namespace tandem {
namespace {

constexpr std::size_t kRecountOutputMax = 4096;

}  // namespace

HarvestService::HarvestService(Parts parts)
    : parts_(std::move(parts)),
      // One of its own: a takeover ends the copies' connection, and this one may go on.
      session_(parts_.node.peer_ssh, parts_.node.programs, parts_.node.disk, parts_.node.clock,
               parts_.node.config.state_dir + "/ssh-harvest"),
      fetch_({parts_.node.programs, session_, parts_.node.disk, parts_.node.files,
              parts_.node.clock, parts_.node.config.root, folder()}),
      debt_(parts_.node.clock, parts_.node.disk, parts_.node.config.state_dir),
      keeper_(keeper_parts()) {}

HarvestService::~HarvestService() {
  stop();
  thread_.join();
}

HarvestKeeper::Parts HarvestService::keeper_parts() {
  HarvestKeeper::Parts keeper{
      parts_.node.clock,
      parts_.node.disk,
      parts_.node.config.state_dir,
      parts_.situation,
      [this](SshEnds ends, std::string verb) {
        return parts_.node.peer_ssh.ask(std::move(ends), std::move(verb));
      },
      [this](harvest::FetchOrder order) { return fetch_.run(std::move(order)); },
      [this] { return fetch_.clear(); },
      [this] { fetch_.abort(); },
      [this](harvest::HarvestTree tree, harvest::MergeOrder order) {
        return merge(std::move(tree), std::move(order));
      },
      [this] { return recount(); },
      [this](harvest::HarvestTree tree) { return clear_locks(std::move(tree)); }};
  keeper.changed = parts_.changed;
  keeper.database = [this]() -> std::optional<std::string> {
    std::string owed = parts_.database();
    if (owed.empty()) return std::nullopt;
    return owed;
  };
  keeper.observers = parts_.observers;
  return keeper;
}

void HarvestService::start() { spawn(parts_.io.get_executor(), keeper_.run(), parts_.on_bug); }

void HarvestService::stop() {
  keeper_.stop();
  session_.close();
}

RealSpool::Places HarvestService::places_of(const harvest::HarvestTree& tree) const {
  return {parts_.node.config.root, tree.tree.path, folder() + "/" + tree.store, kVoicemailLock,
          std::chrono::seconds{kVoicemailLockSeconds}};
}

Task<void> HarvestService::clear_locks(harvest::HarvestTree tree) {
  auto work = [places = places_of(tree)] {
    RealSpool spool(places, [] { return false; });
    harvest::clear_locks(spool);
    return true;
  };
  (void)co_await offload(thread_, std::move(work));
}

Task<harvest::MergeReport> HarvestService::merge(harvest::HarvestTree tree,
                                                 harvest::MergeOrder order) {
  auto work = [kind = tree.kind, places = places_of(tree), order = std::move(order)] {
    RealSpool spool(places, order.enough);
    return harvest::merge(kind, spool, order);
  };
  co_return co_await offload(thread_, std::move(work));
}

Task<Status> HarvestService::recount() {
  Command command;
  command.argv = recount_mailboxes();
  command.deadline = kRecountMax;
  command.output_max = kRecountOutputMax;
  const auto outcome = co_await parts_.node.commands.run(std::move(command));
  if (!outcome.ok()) co_return outcome.error();
  if (outcome.value().succeeded()) co_return success();
  co_return Error{Fault::unavailable, "Asterisk did not count the messages anew"};
}

}  // namespace tandem
