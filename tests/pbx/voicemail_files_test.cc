#include "pbx/voicemail_files.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

TEST(VoicemailFiles, KnowsTheFilesOfAMessage) {
  EXPECT_EQ(message_part("msg0007.txt"), (MessagePart{7, ".txt"}));
  EXPECT_EQ(message_part("msg9998.WAV"), (MessagePart{9998, ".WAV"}));
  EXPECT_EQ(message_part("msg0000intro.wav"), (MessagePart{0, "intro.wav"}));
  for (const char* name :
       {"", "msg", "msg0007", "msg007.txt", "MSG0007.txt", "msg0007txt", "msg0007.", "msg00071.txt",
        "msg0007.t/t", "msg0007..txt", ".msg0007.txt", "msg0007.txt\n", "unavail.wav"})
    EXPECT_FALSE(message_part(name)) << name;
  EXPECT_EQ(message_name({42, ".gsm"}), "msg0042.gsm");
}

TEST(VoicemailFiles, KnowsGreetingsAndWhereMessagesAreWhole) {
  for (const char* name : {"unavail.wav", "busy.WAV", "greet.gsm", "temp.wav49"})
    EXPECT_TRUE(is_greeting(name)) << name;
  for (const char* name : {"unavail", "unavail.", "unavail.wav.old", ".unavail.wav", "other.wav"})
    EXPECT_FALSE(is_greeting(name)) << name;
  EXPECT_TRUE(holds_messages("INBOX"));
  EXPECT_FALSE(holds_messages("tmp"));
}

TEST(VoicemailFiles, ReadsWhatAMessageIsKnownBy) {
  const MessageFacts facts = message_facts(
      ";\n; Message Information file\n;\n[message]\norigmailbox=1001\ncontext=user\n"
      "callerid=\"Ada = L.\" <100>\norigdate=Thu Nov 26 05:58:45 PM UTC 2026\n"
      "origtime=1795715925\ncategory=\nmsg_id=1795715925-00000003\nflag=\nduration=7\n");
  EXPECT_EQ(facts.id, "1795715925-00000003");
  EXPECT_EQ(facts.time, "1795715925");
  EXPECT_EQ(facts.caller, "\"Ada = L.\" <100>");
  EXPECT_EQ(facts.duration, "7");
  EXPECT_EQ(message_facts("nonsense"), MessageFacts{});
}

}  // namespace
}  // namespace tandem
