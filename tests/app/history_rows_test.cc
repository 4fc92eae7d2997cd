// The tables of events, takeovers, probes and guards, as a person reads them.
#include <gtest/gtest.h>

#include "app/commands/rows.h"
#include "app/history_documents.h"

namespace tandem {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

const WallTime kNow{seconds{1'700'000'000}};
const Terminal kPlain(false);

TEST(HistoryRows, AnEventSaysHowLongAgoAndHowOften) {
  EventPage page;
  Event event;
  event.id = 7;
  event.at = kNow - minutes{13};
  event.last = kNow - minutes{3};
  event.type = Event::Type::warning;
  event.reason = "ReconcileFailed";
  event.object = "resource/ha-conf";
  event.message = "a line\x1b[2J that steers";
  page.events.push_back(event);
  event.count = 4;
  page.events.push_back(event);
  const auto text =
      table(kPlain, event_headers(false), event_rows(events_document(page, kNow), false));
  EXPECT_NE(text.find("LAST SEEN"), std::string::npos);
  EXPECT_NE(text.find("3m ago  "), std::string::npos) << text;
  EXPECT_NE(text.find("3m ago (x4 over 10m)"), std::string::npos) << text;
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  const auto wide =
      table(kPlain, event_headers(true), event_rows(events_document(page, kNow), true));
  EXPECT_EQ(wide.find("ID"), 0U);
}

TEST(HistoryRows, ATakeoverSaysHowLongItTookAndSipWasAway) {
  TakeoverRecord record;
  record.epoch = 4;
  record.cause = TakeoverCause::host_down;
  record.began = kNow - minutes{5};
  record.ended = record.began + milliseconds{6'540};
  record.downtime = milliseconds{16'100};
  record.evidence = "icmp silent for 10 s";
  record.steps = {{"marker", milliseconds{12}}, {"services", milliseconds{5'200}}};
  record.result = "own SIP answers";
  TakeoverRecord lasts = record;
  lasts.epoch = 5;
  lasts.result.clear();
  lasts.downtime.reset();
  const auto document = takeovers_document({record, lasts}, kNow);
  const auto text = table(kPlain, takeover_headers(true), takeover_rows(document, true));
  for (const char* word : {"HostDown", "6.5s", "16.1s", "own SIP answers", "icmp silent for 10 s",
                           "marker 12ms, services 5.2s", "under way"})
    EXPECT_NE(text.find(word), std::string::npos) << word << " in\n" << text;
}

TEST(HistoryRows, AProbeThatNeverAnsweredHasDashes) {
  ProbeRow row;
  row.probe = "sip";
  row.target = "192.0.2.10";
  row.last = "silent: timed out";
  const auto text = table(kPlain, probe_headers(), probe_rows(probes_document({row}, kNow)));
  EXPECT_NE(text.find("silent: timed out  -    -     0"), std::string::npos) << text;
}

TEST(HistoryRows, AGuardSaysSinceWhen) {
  Why why;
  why.guards.push_back({"confirmed", "silent for 6 s", "10 s", false, kNow - seconds{6}});
  why.guards.push_back({"suspension", "none", "", true, std::nullopt});
  const auto text = table(kPlain, guard_headers(), guard_rows(why_document(why, kNow)));
  EXPECT_NE(text.find("6s ago"), std::string::npos) << text;
  EXPECT_NE(text.find("suspension  yes"), std::string::npos) << text;
}

}  // namespace
}  // namespace tandem
