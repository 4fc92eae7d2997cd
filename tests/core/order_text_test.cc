#include "core/order_text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/core/peer_samples.h"

namespace tandem {
namespace {

using Kind = Order::Kind;

constexpr Kind kAll[] = {Kind::takeover, Kind::failback,    Kind::switchover,      Kind::suspend,
                         Kind::resume,   Kind::maintenance, Kind::end_maintenance, Kind::ack};

Order sample(Kind kind) {
  Order order = samples::order(kind);
  if (kind == Kind::suspend || kind == Kind::switchover || kind == Kind::maintenance)
    order.until = order.at + std::chrono::minutes{30};
  order.take_over = kind == Kind::maintenance;
  return order;
}

TEST(OrderText, EachKindComesBackAsItWas) {
  for (const Kind kind : kAll) {
    const auto read = parse_order(to_text(sample(kind)));
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(read.value(), sample(kind)) << order_name(kind);
  }
}

// A member that a newer node understands may change what is meant: rather nothing than half of it.
TEST(OrderText, RefusesAnythingThatItDoesNotKnow) {
  for (const Kind kind : kAll) {
    auto json = nlohmann::json::parse(to_text(sample(kind)));
    json["unless"] = "monday";
    EXPECT_FALSE(parse_order(json.dump()).ok()) << order_name(kind);
  }
}

TEST(OrderText, RefusesAMissingFieldByName) {
  for (const char* field :
       {"apiVersion", "kind", "order", "id", "reason", "by", "at", "until", "takeOver"}) {
    auto json = nlohmann::json::parse(to_text(sample(Kind::maintenance)));
    json.erase(field);
    const auto read = parse_order(json.dump());
    ASSERT_FALSE(read.ok()) << field;
    EXPECT_NE(read.error().message.find(field), std::string::npos) << read.error().message;
  }
}

TEST(OrderText, RefusesWrongValues) {
  const std::pair<const char*, nlohmann::json> wrong[] = {
      {"order", "explode"},
      {"order", 1},
      {"id", "a b"},
      {"id", ""},
      {"id", "../../etc/passwd"},
      {"id", std::string(65, 'a')},
      {"reason", ""},
      {"reason", "a\nb"},
      {"reason", nullptr},
      {"reason", std::string(501, 'r')},
      {"at", "now"},
      {"until", "2020-01-01T00:00:00Z"},
      {"takeOver", "yes"},
      {"by", std::string(201, 'b')},
  };
  for (const auto& [field, value] : wrong) {
    auto json = nlohmann::json::parse(to_text(sample(Kind::maintenance)));
    json[field] = value;
    EXPECT_FALSE(parse_order(json.dump()).ok()) << field << " " << value;
  }
}

TEST(OrderText, AnEndIsForThoseThatHaveOne) {
  auto json = nlohmann::json::parse(to_text(sample(Kind::takeover)));
  json["until"] = "2030-01-01T00:00:00Z";
  EXPECT_FALSE(parse_order(json.dump()).ok());
}

TEST(OrderText, ChecksWhatWasTypedHere) {
  EXPECT_TRUE(check_order(sample(Kind::switchover)).ok());
  Order order = sample(Kind::switchover);
  order.until = {};
  EXPECT_FALSE(check_order(order).ok()) << "an end is mandatory";
  order = sample(Kind::ack);
  order.reason.clear();
  EXPECT_FALSE(check_order(order).ok());
}

}  // namespace
}  // namespace tandem
