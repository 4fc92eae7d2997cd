#include "ports/bus_thread.h"

#include <unistd.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <utility>

namespace tandem {
namespace {

using std::chrono::steady_clock;

constexpr const char* kUnitsBelow = "/org/freedesktop/systemd1/unit";

bool is_one_of(const std::string& name, std::initializer_list<const char*> names) {
  for (const auto* other : names)
    if (name == other) return true;
  return false;
}

// The connection is of no more use.
bool means_lost(const std::string& name) {
  return is_one_of(name, {"org.freedesktop.DBus.Error.Disconnected", "System.Error.ECONNRESET",
                          "System.Error.ENOTCONN", "System.Error.EPIPE", "System.Error.ESTALE",
                          "System.Error.ECHILD"});
}

Fault fault_of(const std::string& name) {
  if (is_one_of(name, {"org.freedesktop.systemd1.NoSuchUnit",
                       "org.freedesktop.DBus.Error.UnknownObject"}))
    return Fault::not_found;
  if (is_one_of(name, {"org.freedesktop.DBus.Error.AccessDenied",
                       "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired",
                       "System.Error.EACCES", "System.Error.EPERM"}))
    return Fault::denied;
  if (is_one_of(name, {"org.freedesktop.DBus.Error.NoReply", "org.freedesktop.DBus.Error.Timeout",
                       "org.freedesktop.DBus.Error.TimedOut", "System.Error.ETIMEDOUT"}))
    return Fault::timed_out;
  if (is_one_of(name, {"org.freedesktop.DBus.Error.InvalidArgs",
                       "org.freedesktop.systemd1.BadUnitSetting"}))
    return Fault::invalid;
  return Fault::unavailable;
}

Error told(const sdbus::Error& error, const std::string& address) {
  return Error{fault_of(error.getName()), "systemd over the system bus (" + address +
                                              "): " + error.getMessage() +
                                              "; see `systemctl status dbus.service`"};
}

}  // namespace

BusThread::BusThread(const boost::asio::any_io_executor& home, std::string address)
    : home_(home), address_(std::move(address)) {}

void BusThread::start() {
  // The thread owns this as well: it may have to be left to itself.
  thread_ = std::thread([self = shared_from_this()] {
    self->run();
    self->ended_.set_value();
  });
}

void BusThread::stop() {
  {
    const std::lock_guard lock(home_guard_);
    closed_ = true;
  }
  waiting_.clear();
  if (!thread_.joinable()) return;
  stopping_ = true;
  loop_.stop();
  const auto ended = ended_.get_future().wait_for(kStopLimit);
  if (ended == std::future_status::ready)
    thread_.join();
  else
    thread_.detach();
}

std::uint64_t BusThread::perform(std::function<void(BusSession&)> work,
                                 steady_clock::time_point deadline,
                                 std::function<void(const Status&)> done) {
  const auto number = ++last_number_;
  waiting_.emplace(number, std::move(done));
  boost::asio::post(loop_, [this, work = std::move(work), deadline, number] {
    if (steady_clock::now() >= deadline) return;  // nobody waits any more
    post_home([self = shared_from_this(), number, status = answer(work, deadline)] {
      self->finish(number, status);
    });
    drain();
  });
  return number;
}

void BusThread::finish(std::uint64_t number, const Status& status) {
  const auto waits = waiting_.extract(number);
  if (!waits.empty()) waits.mapped()(status);
}

void BusThread::listen(std::weak_ptr<std::function<void(const BusNews&)>> listener) {
  std::erase_if(listeners_, [](const auto& one) { return one.expired(); });
  listeners_.push_back(std::move(listener));
  boost::asio::post(loop_, [this] {
    listened_to_ = true;
    if (!connection_) return keep_open();
    note({.everything = true, .units = {}});
    tell();
  });
}

void BusThread::run() {
  const auto guard = boost::asio::make_work_guard(loop_);
  loop_.run();
  close();
}

Status BusThread::answer(const std::function<void(BusSession&)>& work,
                         steady_clock::time_point deadline) {
  try {
    if (!connection_) open();
    BusSession session(*connection_, deadline);
    work(session);
    return success();
  } catch (const sdbus::Error& error) {
    if (means_lost(error.getName())) {
      close();
      if (listened_to_) reconnect_later();
    }
    return told(error, address_);
  }
}

// Throws, and then there is no connection.
void BusThread::open() {
  try {
    connection_ = sdbus::createSessionBusConnectionWithAddress(address_);
    connection_->setMethodCallTimeout(kSetupLimit);
    add_matches();
    subscribe();
    boost::system::error_code failed;
    // A second number, since Asio closes what it is given.
    readable_.assign(dup(connection_->getEventLoopPollData().fd), failed);
    if (failed) throw sdbus::Error("System.Error.EMFILE", failed.message());
  } catch (const sdbus::Error&) {
    close();
    throw;
  }
  again_.cancel();
  pause_ = kReconnectFirst;
  note({.everything = true, .units = {}});
  await_news();
}

void BusThread::add_matches() {
  const std::string sender = "type='signal',sender='org.freedesktop.systemd1',";
  const auto changed = [this](sdbus::Message& message) {
    note({.everything = false, .units = {message.getPath()}});
  };
  const auto read_anew = [this](sdbus::Message&) { note({.everything = true, .units = {}}); };
  const auto new_owner = [this](sdbus::Message&) { stale_ = true; };
  const std::string manager =
      sender + "path='/org/freedesktop/systemd1',interface='" + BusSession::kManager + "',member=";
  const auto properties = std::string("interface='") + BusSession::kProperties +
                          "',member='PropertiesChanged',path_namespace='" + kUnitsBelow + "'";
  connection_->addMatch(sender + properties, changed, sdbus::floating_slot);
  connection_->addMatch(manager + "'Reloading'", read_anew, sdbus::floating_slot);
  connection_->addMatch(manager + "'UnitFilesChanged'", read_anew, sdbus::floating_slot);
  connection_->addMatch(
      "type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',"
      "member='NameOwnerChanged',arg0='org.freedesktop.systemd1'",
      new_owner, sdbus::floating_slot);
}

void BusThread::subscribe() {
  BusSession session(*connection_, steady_clock::now() + kSetupLimit);
  session.manager("Subscribe");
}

void BusThread::close() {
  boost::system::error_code ignored;
  readable_.close(ignored);
  connection_.reset();
  stale_ = false;
}

void BusThread::keep_open() {
  if (connection_) return;
  try {
    open();
    tell();
  } catch (const sdbus::Error&) {
    reconnect_later();  // whoever asks is told what is wrong
  }
}

void BusThread::reconnect_later() {
  again_.expires_after(pause_);
  pause_ = std::min<std::chrono::milliseconds>(pause_ * 2, kReconnectMax);
  again_.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled && !stopping_) keep_open();
  });
}

// A question's answer may have brought news along: those do not make the socket readable again.
void BusThread::drain() {
  try {
    while (connection_ && connection_->processPendingRequest()) continue;
    if (connection_ && std::exchange(stale_, false)) {
      subscribe();
      note({.everything = true, .units = {}});
    }
  } catch (const sdbus::Error&) {
    close();
    if (listened_to_) reconnect_later();
  }
  tell();
}

void BusThread::await_news() {
  readable_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                       [this](const boost::system::error_code& closed) {
                         if (closed || stopping_) return;
                         const auto* before = connection_.get();
                         drain();
                         if (connection_ && connection_.get() == before) await_news();
                       });
}

void BusThread::note(const BusNews& news) {
  news_.everything |= news.everything;
  news_.units.insert(news.units.begin(), news.units.end());
  if (news_.units.size() <= kNewsMax) return;
  news_ = {.everything = true, .units = {}};
}

// One at a time: a home that is busy finds the next news in one piece.
void BusThread::tell() {
  if (!told_ || (!news_.everything && news_.units.empty())) return;
  told_ = false;
  post_home([this, self = shared_from_this(), news = std::exchange(news_, {})] {
    deliver(news);
    boost::asio::post(loop_, [this] {
      told_ = true;
      tell();
    });
  });
}

void BusThread::deliver(const BusNews& news) {
  const auto listeners = listeners_;
  for (const auto& weak : listeners)
    if (const auto listener = weak.lock()) (*listener)(news);
}

void BusThread::post_home(Work work) {
  const std::lock_guard lock(home_guard_);
  if (!closed_) boost::asio::post(home_, std::move(work));
}

}  // namespace tandem
