// One node's confd, provd, auth and sysconfd, and the endpoint that controls them.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "tests/wazo_sim/auth/service.h"
#include "tests/wazo_sim/confd/service.h"
#include "tests/wazo_sim/context.h"
#include "tests/wazo_sim/control/control.h"
#include "tests/wazo_sim/control/faults.h"
#include "tests/wazo_sim/control/journal.h"
#include "tests/wazo_sim/http/server.h"
#include "tests/wazo_sim/provd/service.h"
#include "tests/wazo_sim/sysconfd/service.h"

namespace tandem::wazo_sim {

class Simulator {
 public:
  // Loads the state and listens. Throws std::system_error when a port cannot be had.
  explicit Simulator(Options options);
  ~Simulator();
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;

  // {"confd":PORT,"provd":PORT,"auth":PORT,"sysconfd":PORT,"control":PORT}
  Json ports() const;
  std::uint16_t port(const std::string& service) const { return servers_.at(service)->port(); }

 private:
  using Service = std::function<Response(const Request&)>;

  void add_server(const std::string& name, std::uint16_t port, Server::Handler handler);
  Reply serve(const std::string& name, const Service& service, const Request& request);
  Reply control(const Request& request);
  // Opens and closes the services' servers as the faults want it. Never under mutex_: closing waits
  // for handlers, which may be waiting for mutex_.
  void apply_outages();
  void watch_outages();

  Context context_;
  std::mutex mutex_;  // guards everything down to control_
  FaultTable faults_;
  Journal journal_;
  AuthService auth_;
  ProvdService provd_;
  SysconfdService sysconfd_;
  ConfdService confd_;
  Control control_;

  std::mutex outages_mutex_;  // guards the opening and closing of servers; taken before mutex_
  std::map<std::string, std::unique_ptr<Server>> servers_;

  std::mutex stop_mutex_;
  std::condition_variable stop_signal_;
  bool stopping_ = false;
  std::thread watcher_;
};

}  // namespace tandem::wazo_sim
