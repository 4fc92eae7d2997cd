#include "reconciler/notify/message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "reconciler/notify/receivers.h"

namespace tandem {
namespace {

using testing::AllOf;
using testing::Each;
using testing::HasSubstr;
using testing::Not;

Message message_of(int notices) {
  Message message;
  message.id = "pbx-b-5f3a90c1-7";
  message.pair = "montreal";
  message.node = "pbx-b";
  message.at = WallTime{std::chrono::seconds{1'700'000'000}};
  for (int i = 0; i < notices; ++i) {
    Notice notice;
    notice.id = static_cast<std::uint64_t>(i + 1);
    notice.at = message.at;
    notice.matter = "Takeover";
    notice.severity = i == 0 ? Notice::Severity::critical : Notice::Severity::warning;
    notice.title = i == 0 ? "takes over for pbx-a" : "something else";
    notice.text = "because";
    message.notices.push_back(notice);
  }
  return message;
}

TEST(Message, TheSubjectTellsTheGravestAndTheNumberOfTheOthers) {
  EXPECT_EQ(subject_of(message_of(1)), "[tandem montreal] pbx-b: CRITICAL: takes over for pbx-a");
  EXPECT_EQ(subject_of(message_of(13)),
            "[tandem montreal] pbx-b: CRITICAL: takes over for pbx-a, and 12 more");
}

TEST(Message, ADigestShowsTheFirstAndCountsTheRest) {
  Message message = message_of(22);
  message.dropped = 3;
  EXPECT_THAT(text_of(message), HasSubstr("and 12 more"));
  EXPECT_THAT(text_of(message), HasSubstr("3 earlier notices"));
  const auto json = nlohmann::json::parse(json_of(message));
  EXPECT_EQ(json["notices"].size(), 10U);
  EXPECT_EQ(json["more"], 12);
  EXPECT_EQ(json["dropped"], 3);
  EXPECT_EQ(json["kind"], "Notification");
  EXPECT_EQ(json["severity"], "Critical");
}

TEST(Message, AMailIsWhatMailSystemsExpect) {
  const std::string mail = mail_of(message_of(1), "root@localhost");
  EXPECT_THAT(
      mail, AllOf(HasSubstr("To: root@localhost\n"), HasSubstr("Auto-Submitted: auto-generated\n"),
                  HasSubstr("Message-ID: <pbx-b-5f3a90c1-7@pbx-b>\n"),
                  HasSubstr("Date: Tue, 14 Nov 2023 22:13:20 +0000\n"),
                  HasSubstr("Importance: high\n"), HasSubstr("7bit\n\n")));
}

TEST(Message, NothingThatIsToldCanAddAHeader) {
  Message message = message_of(1);
  message.notices[0].title = "x\r\nBcc: all@example.com\n\nbody";
  message.pair = "p\nX-Evil: 1";
  const std::string mail = mail_of(message, "root@localhost");
  const std::string head = mail.substr(0, mail.find("\n\n"));
  EXPECT_THAT(head, Not(HasSubstr("\nBcc")));
  EXPECT_THAT(head, Not(HasSubstr("\nX-Evil")));
  EXPECT_THAT(head, Not(HasSubstr("\r")));
}

TEST(Message, OtherLettersTravelInEncodedWords) {
  std::string long_title;
  for (int i = 0; i < 40; ++i) long_title += "Zürich ";
  for (const std::string& text :
       {std::string("Zürich"), long_title, std::string("=?UTF-8?B?YQ==?=")}) {
    const std::string value = header_value(text);
    EXPECT_THAT(value, HasSubstr("=?UTF-8?B?"));
    std::size_t line = 0;
    for (const char c : value) {
      EXPECT_TRUE(c == '\n' || (c >= 0x20 && c < 0x7F));
      line = c == '\n' ? 0 : line + 1;
      EXPECT_LE(line, 76U);
    }
  }
  Message message = message_of(1);
  message.notices[0].text = "Zürich is cut off";
  EXPECT_THAT(mail_of(message, "root@localhost"), HasSubstr("base64\n\n"));
}

TEST(Message, ProgramsGetNamesThatAreNoneOfTheOperators) {
  const auto environment = environment_of(message_of(1));
  EXPECT_THAT(environment, Each(testing::StartsWith("TANDEM_EVENT_")));
}

TEST(Receivers, LabelsShowNoSecretAndTellAlikeOnesApart) {
  const auto receivers = receivers_of(
      {MailTarget{"root@localhost"}, WebhookTarget{"https://hooks.example.com/T0/secret?token=s"},
       WebhookTarget{"https://hooks.example.com/T1/secret"},
       ExecTarget{{"/usr/bin/tell", "secret"}}, MailTarget{"root@localhost"}});
  ASSERT_EQ(receivers.size(), 4U) << "one that is declared twice is told once";
  EXPECT_EQ(receivers[0].label, "mail root@localhost");
  EXPECT_EQ(receivers[1].label, "webhook https://hooks.example.com");
  EXPECT_EQ(receivers[2].label, "webhook https://hooks.example.com (2)");
  EXPECT_EQ(receivers[3].label, "exec /usr/bin/tell");
  for (const Receiver& receiver : receivers) {
    EXPECT_THAT(receiver.label, Not(HasSubstr("secret")));
    EXPECT_THAT(receiver.key, Not(HasSubstr("secret")));
  }
}

TEST(Receivers, WhatAnAnswerOfAWebhookComesTo) {
  using enum Attempt::Result;
  const std::map<int, Attempt::Result> expected = {
      {200, delivered}, {204, delivered}, {301, refused}, {400, refused},
      {401, refused},   {404, refused},   {408, failed},  {410, refused},
      {429, failed},    {500, failed},    {503, failed}};
  for (const auto& [status, result] : expected) {
    HttpResponse answer;
    answer.status = status;
    EXPECT_EQ(judged(answer).result, result) << status;
  }
  HttpResponse busy;
  busy.status = 429;
  busy.headers["Retry-After"] = "120";
  EXPECT_EQ(judged(busy).retry_after, std::chrono::seconds{120});
  busy.headers["Retry-After"] = "Fri, 27 Nov 2026 02:00:00 GMT";
  EXPECT_EQ(judged(busy).retry_after, std::nullopt);
}

}  // namespace
}  // namespace tandem
