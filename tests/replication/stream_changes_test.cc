#include <gtest/gtest.h>

#include "replication/stream/changes.h"

namespace tandem::stream {
namespace {

using namespace std::string_literals;

// As PostgreSQL 15 writes them.
const std::string kBegin = "B\0\0\0\0\0\0\1\0........xxxx"s;  // committed at 256
const std::string kRelation = "R\0\0\0\7public\0moh\0d\0\2\1id\0ttttmmmm\0note\0ttttmmmm"s;
const std::string kInsert = "I\0\0\0\7N\0\2t\0\0\0\0017n"s;
const std::string kUpdate = "U\0\0\0\7K\0\2t\0\0\0\0017nN\0\2t\0\0\0\0018u"s;
const std::string kDelete = "D\0\0\0\7K\0\2t\0\0\0\0018n"s;
const std::string kTruncate = "T\0\0\0\1\0\0\0\0\7"s;

std::vector<std::string> statements(const WaitingChanges& changes) {
  std::vector<std::string> texts;
  for (const auto& change : changes.changes())
    texts.push_back(change.name() + ": " + change.statement());
  return texts;
}

TEST(StreamChanges, AreMadeAsTheWorkerMakesThem) {
  WaitingChanges changes(256);
  for (const auto& message : {kBegin, kRelation, kInsert, kUpdate, kDelete, kTruncate, "C"s})
    EXPECT_TRUE(changes.take(message)) << message.front();
  EXPECT_EQ(
      statements(changes),
      (std::vector<std::string>{
          "table moh, id = 7: insert into public.\"moh\" (\"id\", \"note\") overriding system "
          "value values ('7', null)",
          "table moh, id = 7: update public.\"moh\" set \"id\" = '8' where \"id\" = '7'",
          "table moh, id = 8: delete from public.\"moh\" where \"id\" = '8'",
          "table moh: truncate public.\"moh\""}));
}

TEST(StreamChanges, CountOnlyWhereTheyWereNotMadeYet) {
  WaitingChanges changes(257);
  for (const auto& message : {kBegin, kRelation, kInsert}) EXPECT_TRUE(changes.take(message));
  EXPECT_TRUE(changes.changes().empty());
}

TEST(StreamChanges, AreNotToldOfAMessageThatIsCutOff) {
  for (const auto& message : {kBegin, kRelation, kInsert, kUpdate, kDelete, kTruncate})
    for (std::size_t size = 0; size < message.size(); ++size) {
      WaitingChanges changes(0);
      if (message != kBegin) {
        ASSERT_TRUE(changes.take(kBegin));
      }
      if (message != kRelation) {
        ASSERT_TRUE(changes.take(kRelation));
      }
      const bool is_begin = message == kBegin && size >= 9;  // its time and number do not count
      EXPECT_EQ(changes.take(message.substr(0, size)), is_begin) << message.front() << size;
      EXPECT_TRUE(changes.changes().empty()) << message.front() << size;
    }
}

// All its columns are its key then: nothing but all of its values would name the row.
TEST(StreamChanges, AreNotToldOfATableThatIsKnownByAllItsValues) {
  std::string whole = kRelation;
  whole[whole.find("moh") + 4] = 'f';
  EXPECT_FALSE(WaitingChanges(0).take(whole));
}

}  // namespace
}  // namespace tandem::stream
