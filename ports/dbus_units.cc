#include "ports/dbus_units.h"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <string_view>
#include <utility>

#include "ports/bus_questions.h"

namespace tandem {
namespace {

using Session = BusSession;

constexpr std::size_t kUnitNameMax = 255;  // systemd's own

struct SeenUnit {
  std::string path;
  UnitState state;
};
using Seen = std::map<std::string, SeenUnit>;

// name, description, LoadState, ActiveState, SubState, following, path, job's number, type, path.
using Listed =
    sdbus::Struct<std::string, std::string, std::string, std::string, std::string, std::string,
                  sdbus::ObjectPath, std::uint32_t, std::string, sdbus::ObjectPath>;

// systemd leaves out of its answer what is no name, and answers the others by their order.
bool is_unit_name(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(":-_.\\@").find(c) != std::string_view::npos;
  };
  constexpr std::string_view kTypes[] = {".service", ".socket", ".target", ".timer",
                                         ".path",    ".mount",  ".slice"};
  const auto ends = [name](std::string_view type) {
    return name.size() > type.size() && name.ends_with(type);
  };
  return name.size() <= kUnitNameMax && std::ranges::all_of(name, fits) &&
         std::ranges::any_of(kTypes, ends) && name.find("@.") == std::string_view::npos;
}

Status check(const std::vector<std::string>& names) {
  if (names.size() > Units::kUnitsMax)
    return Error{Fault::too_large, "more than " + std::to_string(Units::kUnitsMax) +
                                       " units are asked for in one look"};
  for (const auto& name : names)
    if (!is_unit_name(name)) return Error{Fault::invalid, name + ": not the name of a unit"};
  return success();
}

// A unit that was made without a file, or whose file is gone, has none.
std::string file_state(BusQuestions& questions, std::size_t asked) {
  try {
    std::string state;
    auto reply = questions.answer(asked);
    reply >> state;
    return state;
  } catch (const sdbus::Error& error) {
    const auto& name = error.getName();
    if (name != "org.freedesktop.DBus.Error.FileNotFound" && name != "System.Error.ENOENT" &&
        name != "org.freedesktop.systemd1.NoSuchUnit")
      throw;
    return "";
  }
}

std::optional<std::chrono::system_clock::time_point> point_in_time(std::uint64_t microseconds) {
  if (microseconds == 0) return std::nullopt;
  return std::chrono::system_clock::time_point(std::chrono::microseconds(microseconds));
}

// What the list of units does not tell, by the numbers of the questions.
struct Asked {
  std::optional<std::size_t> file{};
  std::optional<std::size_t> active_since{};
  std::optional<std::size_t> result{};
};

Asked ask_about(BusQuestions& questions, const Listed& listed) {
  Asked asked;
  const auto& name = std::get<0>(listed);
  const std::string path = std::get<6>(listed);
  if (std::get<2>(listed) == "not-found") return asked;
  asked.file = questions.add(Session::kManagerPath, Session::kManager, "GetUnitFileState", name);
  if (std::get<3>(listed) == "active")
    asked.active_since = questions.add_property(path, Session::kUnit, "ActiveEnterTimestamp");
  if (name.ends_with(".service"))
    asked.result = questions.add_property(path, Session::kService, "Result");
  return asked;
}

SeenUnit seen_of(BusQuestions& questions, const Listed& listed, const Asked& asked) {
  SeenUnit seen;
  seen.path = std::get<6>(listed);
  seen.state.load = std::get<2>(listed);
  seen.state.active = std::get<3>(listed);
  seen.state.sub = std::get<4>(listed);
  seen.state.job = std::get<8>(listed);
  if (asked.file) seen.state.file = file_state(questions, *asked.file);
  if (asked.active_since)
    seen.state.active_since = point_in_time(questions.property<std::uint64_t>(*asked.active_since));
  if (asked.result) seen.state.result = questions.property<std::string>(*asked.result);
  return seen;
}

Seen look(Session& session, const std::vector<std::string>& names) {
  std::vector<Listed> listed;
  auto reply = session.manager("ListUnitsByNames", names);
  reply >> listed;
  if (listed.size() != names.size())
    throw sdbus::Error("System.Error.EBADMSG", "asked for " + std::to_string(names.size()) +
                                                   " units, answered " +
                                                   std::to_string(listed.size()));
  BusQuestions questions(session);
  std::vector<Asked> asked;
  asked.reserve(listed.size());
  for (const Listed& unit : listed) asked.push_back(ask_about(questions, unit));
  Seen seen;
  for (std::size_t i = 0; i < names.size(); ++i)
    seen[names[i]] = seen_of(questions, listed[i], asked[i]);
  return seen;
}

// As sd_bus_path_encode(): every byte but letters and digits becomes _ and two hexadecimal digits.
std::string usual_path(const std::string& name) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string path = "/org/freedesktop/systemd1/unit/";
  bool first = true;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool digit = c >= '0' && c <= '9';
    const auto byte = static_cast<unsigned char>(c);
    if (letter || (digit && !first)) {
      path += c;
    } else {
      path += '_';
      path += kDigits[byte >> 4U];
      path += kDigits[byte & 15U];
    }
    first = false;
  }
  return path;
}

using Paths = std::map<std::string, std::string>;

class DbusUnitWatch : public UnitWatch {
 public:
  DbusUnitWatch(SystemBus& bus, std::shared_ptr<const Paths> paths, std::set<std::string> names)
      : names_(std::move(names)), paths_(std::move(paths)) {
    listener_ = bus.listen([this](const BusNews& news) { note(news); });
  }

  Task<Result<std::set<std::string>>> next() override {
    while (changed_.empty() && !stopped_) {
      const auto executor = co_await boost::asio::this_coro::executor;
      gate_ = std::make_unique<boost::asio::steady_timer>(
          executor, std::chrono::steady_clock::time_point::max());
      boost::system::error_code woken;
      co_await gate_->async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, woken));
      gate_.reset();
    }
    if (stopped_) co_return Error{Fault::cancelled, "the watch of units was stopped"};
    co_return std::exchange(changed_, {});
  }

  void stop() override {
    stopped_ = true;
    wake();
  }

 private:
  void wake() {
    if (gate_) gate_->cancel();
  }

  void note(const BusNews& news) {
    for (const auto& name : names_) {
      const auto known = paths_->find(name);
      const auto path = known == paths_->end() ? usual_path(name) : known->second;
      if (news.everything || news.units.contains(path)) changed_.insert(name);
    }
    if (!changed_.empty()) wake();
  }

  std::set<std::string> names_;
  std::shared_ptr<const Paths> paths_;
  std::set<std::string> changed_;
  bool stopped_ = false;
  std::unique_ptr<boost::asio::steady_timer> gate_;  // there while next() waits; never fires
  SystemBus::Listener listener_;
};

}  // namespace

Task<Result<std::map<std::string, UnitState>>> DbusUnits::states(std::vector<std::string> names) {
  const auto checked = check(names);
  if (!checked.ok()) co_return checked.error();
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::function<Seen(BusSession&)> question = [names](BusSession& session) {
    return look(session, names);
  };
  const auto seen = co_await bus_.ask(std::move(question), kCallLimit);
  if (!seen.ok()) co_return seen.error();
  std::map<std::string, UnitState> states;
  for (const auto& [name, unit] : seen.value()) {
    states[name] = unit.state;
    (*paths_)[name] = unit.path;
  }
  co_return states;
}

std::unique_ptr<UnitWatch> DbusUnits::watch(std::set<std::string> names) {
  return std::make_unique<DbusUnitWatch>(bus_, paths_, std::move(names));
}

}  // namespace tandem
