// A pair whose copies are undone.
#pragma once

#include "tests/replication/copy_world.h"

namespace tandem {

class UndoTest : public CopyTest {
 protected:
  // A copy by schedule that must succeed.
  CopyOutcome copied() {
    const CopyOutcome outcome = copy();
    EXPECT_EQ(outcome.verdict, CopyOutcome::Verdict::equal) << describe(outcome);
    EXPECT_EQ(content(primary_), content(secondary_));
    return outcome;
  }

  void expect_undone() {
    const UndoOutcome outcome = undo();
    EXPECT_FALSE(outcome.failure) << describe(outcome);
  }

  // Nothing but the reason comes of it.
  CopyFailure expect_not_undone(CopyReason reason) {
    const std::string before = content(secondary_), kept = kept_of(secondary_);
    const UndoOutcome outcome = undo();
    EXPECT_TRUE(outcome.failure) << describe(outcome);
    if (!outcome.failure) return {};
    EXPECT_EQ(row_of(outcome.failure->reason).word, row_of(reason).word) << describe(outcome);
    EXPECT_EQ(content(secondary_), before);
    EXPECT_EQ(kept_of(secondary_), kept);
    return *outcome.failure;
  }

  // All that is kept, but for its times.
  static std::string kept_of(const TestPostgres& cluster) {
    return cluster.psql(
        "select number, cause, tables, rows from tandem_undo.generation order by 1; select "
        "generation, place, name, after from tandem_undo.changed order by 1, 2; select generation, "
        "place, number, md5(rows::text) from tandem_undo.kept order by 1, 2, 4; select generation, "
        "keys from tandem_undo.added order by 1, 2; select * from tandem_undo.sequence order by 1, "
        "2; select number from tandem_undo.hold");
  }
  std::string numbers() const {
    return secondary_.psql(
        "select string_agg(number::text, ' ' order by number) from tandem_undo.generation");
  }

  std::string sequences() const {
    return secondary_.psql(
        "select last_value, is_called from loose_numbers union all select last_value, is_called "
        "from userfeatures_id_seq");
  }

  // Rows of every kind of table and column, some of a table and all of another.
  void edit_everything() {
    primary_.psql(
        "set session_replication_role = replica; "
        "update userfeatures set firstname = E'\\\\ \"x\",(y)\\n', bsfilter = 'secretary', email = "
        "null where id % 50 = 1; delete from userfeatures where id = 9; "
        "insert into userfeatures (uuid, tenant_uuid) values ('new,\"one', 't1'); "
        "update tenant set created = '2001-02-03 04:05:06.789012+03' where uuid = 't2'; "
        "update voicemail set options = array[null, '', 'null', '{a,\"b\"}'], deliver = '-1 mon 2 "
        "days 03:04:05.000006', opens = '23:59:59.999999', quota = null where id < 7; "
        "update moh set document = '{\"a\":  [1.50, \"\\u00e9\"] }', picture = '\\x00ff5c22', page "
        "= "
        "'<b x=\"1\">&amp;</b>', label = ''; "
        "update queuefeatures set ratio = 1 / 3.0 + id; update queuefeatures set ratio = 'NaN' "
        "where id = 2; "
        "update schedule_time set hours = 'longer than before' where id = 3; "
        "delete from schedule_time where id = 4; "
        "insert into pickup_note values (null, null), ('same', 1), ('', 0); "
        "update endpoint_sip_section_option set value = value || 'x'; "
        "delete from dialaction where categoryval like '1%'; "
        "insert into user_line values (1, 77); delete from auth_user where uuid like 'u1%'; "
        "select setval('loose_numbers', 5), nextval('userfeatures_id_seq'); analyze");
  }
};

}  // namespace tandem
