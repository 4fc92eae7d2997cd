// Tells people: looks at what is now, writes down what is to be told, and hands it over to each
// receiver, whatever becomes of the others.
//
// Each receiver has a task of its own, and the journal another, so that a hanging web server, mail
// system or disk delays none of them and nothing else. A message is handed over once the journal
// holds it, and struck out after it has arrived: a kill in between repeats it, under the same id.
// A disk that refuses the journal keeps nobody from being told.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/condition.h"
#include "ports/clock.h"
#include "ports/kept_file.h"
#include "reconciler/notify/journal.h"
#include "reconciler/notify/receivers.h"
#include "reconciler/observer.h"

namespace tandem {

class Notifier : public Observer {
 public:
  static constexpr std::chrono::seconds kLook{1};  // and with every change that is told of
  static constexpr std::chrono::seconds kJournalRetry{30};
  static constexpr std::chrono::seconds kEndLimit{3};

  struct Parts {
    Clock& clock;
    KeptFile& journal;
    Courier& courier;
    std::string node;
    std::string serial;  // letters and digits of chance, for a new journal
    // nullopt: no declaration is in force, or nothing is known yet.
    std::function<std::optional<NotifyFacts>()> facts;
    std::function<const HAPair*()> declared;  // in force; nullptr: none
    std::function<void()> changed;            // the condition may be another one
    std::function<void(Task<void>)> spawn;
    std::vector<Observer*> observers;
  };
  explicit Notifier(Parts parts);

  // Until stop().
  Task<void> run();
  void stop();
  // After stop(): waits until what was being handed over has ended and the journal holds that, but
  // no longer than kEndLimit. What arrives later is repeated by the next operator.
  Task<void> ended();

  // What came of a test message, by receiver in the declared order. unavailable: one is under way.
  // invalid: nobody is declared.
  struct Tested {
    std::string receiver, kind;
    Attempt attempt;
    std::chrono::milliseconds took{};
    std::string remedy;  // of a failure
  };
  Task<Result<std::vector<Tested>>> test();

  struct Standing {
    std::string receiver, kind;
    std::size_t waiting = 0;
    std::uint64_t dropped = 0;
    Outbox::Standing last;
  };
  std::vector<Standing> standings() const;
  // NotificationsDelivered; nothing where nobody is declared.
  std::vector<Condition> conditions() const;

  void condition_changed(const Condition& condition) override;
  void state_changed(const Transition& transition) override;
  void taken_over(const TakeoverRecord& record) override;
  void reported(const Report&) override {}
  void spec_rejected(std::string_view) override {}
  void spec_accepted(std::string_view how) override;

 private:
  // Of one receiver, as long as it is declared.
  struct Channel {
    Receiver receiver;
    Outbox box;
    std::unique_ptr<Signal> signal;
    std::uint64_t version = 0;  // of the journal that holds all of the box
    bool removed = false;
  };
  using ChannelPtr = std::shared_ptr<Channel>;

  void load();
  void look();
  void follow(const HAPair& pair);
  void touch(Channel& channel);
  void queue(std::vector<Notice> notices);
  Task<void> serve(ChannelPtr channel);
  Task<void> keep();
  Task<void> try_out(Receiver receiver, Message message, Tested& tested);
  void settle(Channel& channel, const Attempt& attempt);
  void tell(NotifyTold::Kind kind, const Channel& channel, std::size_t count, std::string text);
  Message message_of(Channel& channel) const;
  std::string text_now() const;
  ChannelPtr channel_of(const std::string& key) const;

  Parts parts_;
  std::unique_ptr<Signal> signal_, keep_signal_, ended_signal_;
  NotifyJournal journal_;  // its boxes only until their receivers are known
  Matters matters_;
  std::vector<NotifyTarget> followed_;  // as declared, of which the channels are
  std::vector<ChannelPtr> channels_;
  std::optional<TakeoverRecord> takeover_;
  std::uint64_t version_ = 0, kept_ = 0;  // of what is to be in the journal, and of what is
  std::string journal_trouble_;
  int under_way_ = 0;
  bool damaged_ = false;
  bool testing_ = false;
  bool stopping_ = false;
};

}  // namespace tandem
