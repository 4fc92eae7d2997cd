#include "tests/wazo_sim/simulator.h"

#include <chrono>
#include <exception>
#include <iostream>

#include "tests/wazo_sim/control/fault_answers.h"
#include "tests/wazo_sim/sysconfd/steps.h"

namespace tandem::wazo_sim {
namespace {

// How late an outage with `for_ms` may end.
constexpr std::chrono::milliseconds kWatchPeriod{20};

Response broken(const std::exception& problem) {
  std::cerr << "wazo_sim: " << problem.what() << '\n';
  return {500, {{"Content-Type", "text/plain"}}, std::string("wazo_sim: ") + problem.what() + "\n"};
}

}  // namespace

Simulator::Simulator(Options options)
    : context_(std::move(options)),
      auth_(context_),
      provd_(context_, faults_, auth_),
      sysconfd_(context_, faults_, journal_),
      confd_(context_, faults_, auth_, provd_, sysconfd_),
      control_({context_, faults_, journal_, auth_, provd_, confd_}) {
  const Options& given = context_.options;
  if (confd_.store().fresh()) install_node(given.root);
  if (confd_.store().fresh() && !given.unconfigured) confd_.run_wizard();
  if (confd_.store().fresh() && given.sip_general)
    confd_.store().set("era", {{"sip", "general"}, {"registrars", true}});
  if (given.provd_down)
    faults_.add({{"service", "provd"}, {"kind", "down"}}, FaultTable::Instant::clock::now());

  const auto service = [this](const std::string& name, const Service& handle) {
    return [this, name, handle](const Request& request) { return serve(name, handle, request); };
  };
  add_server("confd", given.confd_port,
             service("confd", [this](const Request& r) { return confd_.handle(r); }));
  add_server("provd", given.provd_port,
             service("provd", [this](const Request& r) { return provd_.handle(r); }));
  add_server("auth", given.auth_port,
             service("auth", [this](const Request& r) { return auth_.handle(r); }));
  add_server("sysconfd", given.sysconfd_port,
             service("sysconfd", [this](const Request& r) { return sysconfd_.handle(r); }));
  add_server("control", given.control_port, [this](const Request& r) { return control(r); });
  servers_.at("control")->open();
  apply_outages();
  watcher_ = std::thread([this] { watch_outages(); });
}

Simulator::~Simulator() {
  {
    const std::lock_guard lock(stop_mutex_);
    stopping_ = true;
  }
  stop_signal_.notify_all();
  watcher_.join();
  // Control first: it could open the others again.
  servers_.at("control")->close();
  for (const auto& [name, server] : servers_) server->close();
}

Json Simulator::ports() const {
  Json ports;
  for (const char* name : {"confd", "provd", "auth", "sysconfd", "control"})
    ports[name] = port(name);
  return ports;
}

void Simulator::add_server(const std::string& name, std::uint16_t port, Server::Handler handler) {
  servers_[name] = std::make_unique<Server>(context_.options.bind, port, std::move(handler));
}

Reply Simulator::serve(const std::string& name, const Service& service, const Request& request) {
  const std::lock_guard lock(mutex_);
  const auto fault =
      faults_.take(name, request.method, request.target, FaultTable::Instant::clock::now());
  const auto changes_before = context_.changes;
  Reply reply;
  if (!fault || is_done_before(*fault, request)) {
    try {
      reply.response = service(request);
    } catch (const std::exception& problem) {
      reply.response = broken(problem);
    }
  }
  std::string kind;
  if (fault) {
    kind = kind_name(fault->kind);
    reply = faulty_reply(*fault, request, std::move(reply.response));
  }
  const int status = reply.delivery == Delivery::nothing ? 0 : reply.response.status;
  journal_.add(
      {name, request.method, request.target, status, context_.changes != changes_before, kind});
  return reply;
}

Reply Simulator::control(const Request& request) {
  Reply reply;
  {
    const std::lock_guard lock(mutex_);
    try {
      reply.response = control_.handle(request);
    } catch (const std::exception& problem) {
      reply.response = broken(problem);
    }
  }
  apply_outages();  // before the answer: then a fault is in force when the test goes on
  return reply;
}

void Simulator::apply_outages() {
  const std::lock_guard outages_lock(outages_mutex_);
  for (const char* name : {"auth", "provd", "sysconfd", "confd"}) {
    Server& server = *servers_.at(name);
    bool down = false;
    {
      const std::lock_guard lock(mutex_);
      down = faults_.is_down(name, FaultTable::Instant::clock::now());
      // Coming up, provd believes its files again.
      if (!down && !server.is_open() && name == std::string("provd")) provd_.restart();
    }
    try {
      if (down)
        server.close();
      else
        server.open();
    } catch (const std::exception& problem) {
      std::cerr << "wazo_sim: " << name << ": " << problem.what() << '\n';
    }
  }
}

void Simulator::watch_outages() {
  std::unique_lock lock(stop_mutex_);
  while (!stop_signal_.wait_for(lock, kWatchPeriod, [this] { return stopping_; })) {
    lock.unlock();
    apply_outages();
    lock.lock();
  }
}

}  // namespace tandem::wazo_sim
