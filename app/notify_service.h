// Notifications of a running operator, wired: what is looked at, who is told, what is kept.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <string>
#include <vector>

#include "app/documents.h"
#include "app/node.h"
#include "ports/http_server.h"
#include "ports/real_kept_file.h"
#include "reconciler/failover/keeper.h"
#include "reconciler/notify/notifier.h"

namespace tandem {

class NotifyService {
 public:
  static constexpr const char* kAction = "/api/v1/actions/notify";

  struct Parts {
    boost::asio::io_context& io;
    Node& node;
    std::vector<Observer*> observers;  // of what becomes of messages
    std::function<void(const std::string&)> on_bug;
  };

  explicit NotifyService(Parts parts);
  NotifyService(const NotifyService&) = delete;
  NotifyService& operator=(const NotifyService&) = delete;

  // The loop and what follows are made after this, since they tell it what happens.
  void link(Loop& loop, const FailoverKeeper& failover, const PeerKeeper& peer);
  void start();
  void stop();
  Task<void> ended() { return notifier_.ended(); }

  Observer& observer() { return notifier_; }
  const Notifier& notifier() const { return notifier_; }
  std::vector<Condition> conditions() const { return notifier_.conditions(); }

  // An order to test; the caller has checked who asks.
  Task<ServedResponse> post(std::string body);

 private:
  std::optional<NotifyFacts> facts() const;

  Parts parts_;
  RealKeptFile journal_;
  CpprestHttp web_;  // by the system's authorities, whatever wazo.ca says
  Courier courier_;
  Notifier notifier_;
  Loop* loop_ = nullptr;
  const FailoverKeeper* failover_ = nullptr;
  const PeerKeeper* peer_ = nullptr;
};

// status.notifications of the pair's document.
OrderedJson notifications_document(const Notifier& notifier);

}  // namespace tandem
