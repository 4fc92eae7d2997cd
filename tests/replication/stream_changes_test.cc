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

std::string told(const WaitingChanges& changes) {
  std::string text;
  std::size_t number = 0;
  for (const auto& change : changes.changes()) {
    text += change.name() + "\n" + change.line(number) + change.statement(number) + "\n";
    ++number;
  }
  return text;
}

TEST(StreamChanges, AreMadeAsTheWorkerMakesThem) {
  WaitingChanges changes(256);
  for (const auto& message : {kBegin, kRelation, kInsert, kUpdate, kDelete, kTruncate, "C"s})
    EXPECT_TRUE(changes.take(message)) << message.front();
  EXPECT_EQ(told(changes),
            R"(table moh, id = 7
0	{"id":"7","note":null}	{"id":"7","note":null}
insert into public."moh" ("id", "note") overriding system value select r."id", r."note" from pg_temp.tandem_waiting w, json_populate_record(null::public."moh", w.new) r where w.number = 0
table moh, id = 7
1	{"id":"8"}	{"id":"7","note":null}
update public."moh" c set "id" = r."id" from pg_temp.tandem_waiting w, json_populate_record(null::public."moh", w.new) r, json_populate_record(null::public."moh", w.old) k where w.number = 1 and c."id" = k."id"
table moh, id = 8
2	{}	{"id":"8","note":null}
delete from public."moh" c using pg_temp.tandem_waiting w, json_populate_record(null::public."moh", w.old) k where w.number = 2 and c."id" = k."id"
table moh
3	{}	{}
truncate public."moh"
)");
}

// What is in a statement is in the server's log where the statement fails.
TEST(StreamChanges, TellNoSecretAndPutNoValueIntoAStatement) {
  WaitingChange change;
  change.tables = {"auth_refresh_token"};
  change.row = {{ChangedColumn::Kind::value, "uuid", "s3cret\\t", true}};
  EXPECT_EQ(change.name(), "table auth_refresh_token");
  EXPECT_EQ(change.statement(0).find("s3cret"), std::string::npos);
  EXPECT_NE(change.line(0).find(R"(s3cret\\\\t)"), std::string::npos) << change.line(0);
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
