// The operator's log on standard error: one event a line, as logfmt or JSON; or in the journal,
// with fields.
#pragma once

#include <unistd.h>

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/line_writer.h"
#include "core/pair.h"
#include "reconciler/observer.h"

namespace tandem {

class Log : public Observer {
 public:
  using Level = OperatorConfig::LogLevel;
  using Fields = std::vector<std::pair<std::string_view, std::string>>;

  Log(Level level, OperatorConfig::LogFormat format, int descriptor = STDERR_FILENO);

  // Control characters are escaped; the caller passes no secret. It never waits for whoever reads
  // the log: what there is no room for is lost, counted, and told when it is read again.
  void write(Level level, std::string_view message, const Fields& fields = {});

  // Lines that nobody read, since the start.
  std::uint64_t lost() const { return writer_.lost(); }

  // A repair is told each time; what stays the same is told once.
  void reported(const Report& report) override;
  void condition_changed(const Condition& condition) override;
  void spec_rejected(std::string_view message) override;
  void spec_accepted(std::string_view how) override;
  void state_changed(const Transition& transition) override;
  void taken_over(const TakeoverRecord& record) override;
  void ordered(const Order& order, const OrderAnswer& answer) override;
  void order_lost(const Order& order, std::string_view why) override;
  // A failure when its reason is new, and the first success after it.
  void copied(const CopyTold& told) override;
  void harvested(const HarvestTold& told) override;
  void copy_ordered(const CopyOrderTyped& order) override;
  void undone(const UndoTold& undo) override;
  void divergence_told(const DivergenceTold& told) override;
  void hook_ran(std::string_view program, bool succeeded) override;
  void notified(const NotifyTold& told) override;

 private:
  Level level_;
  OperatorConfig::LogFormat format_;
  bool journal_;
  LineWriter writer_;
  std::map<CopyKind, std::string> last_copy_;  // the reason of its failure; empty: it went well
  std::map<std::string, std::string> last_;    // by resource: outcome and error of the last report
};

// One line without its end, as write() makes it; `time` is RFC 3339.
std::string format_line(OperatorConfig::LogFormat format, std::string_view time,
                        std::string_view level, std::string_view message,
                        const Log::Fields& fields);

}  // namespace tandem
