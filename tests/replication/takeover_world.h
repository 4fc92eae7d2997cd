// The copy's two servers, of which the secondary takes over and gives back.
#pragma once

#include <string>
#include <utility>

#include "replication/divergence/activation.h"
#include "tests/replication/copy_world.h"

namespace tandem {

class TakeoverTest : public CopyTest {
 protected:
  TakeoverTest() { expect_copied(); }

  // As DirectionKeeper does when the node begins to serve.
  void take_over(std::optional<LastQuiet> late = std::nullopt) {
    direction_.standing_by = false;
    direction_.state = "Active";
    write_row();
    note(std::move(late));
  }
  void note(std::optional<LastQuiet> late = std::nullopt) {
    ActivationFacts facts;
    facts.node = "pbx-b";
    facts.epoch = 7;
    facts.late = std::move(late);
    const auto noted = tandem::run(
        io_, record_activation(sql_, target(secondary_.dsn("tandem")), std::move(facts)));
    ASSERT_TRUE(noted.ok()) << noted.error().message;
  }
  LastQuiet quiet() {
    auto found = tandem::run(io_, last_quiet(sql_, target(secondary_.dsn("tandem"))));
    EXPECT_TRUE(found.ok());
    return found.value();
  }
  void fail_back() {
    direction_.standing_by = true;
    direction_.state = "Standby";
    write_row();
  }
  // kind, table, key; in the order of the tables.
  std::string journal() {
    return secondary_.psql(
        "select kind || ' ' || table_name || ' ' || key::text from tandem.journal order by "
        "table_name, kind, key");
  }
  std::string journalled(const std::string& expression, const std::string& where) {
    return secondary_.psql("select " + expression + " from tandem.journal where " + where);
  }
  std::string open_activations() {
    return secondary_.psql(
        "select count(*) from tandem.activation where journalled_at is null and ended_at is null");
  }
};

}  // namespace tandem
