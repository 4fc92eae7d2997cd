// A kill at every request and every system call of what is kept in Wazo's services: the registrars'
// backups and the expiry, with the list of what was not cleanly answered. The services live on, as
// a killed client does not stop them.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include "reconciler/reconcile.h"
#include "reconciler/schedule.h"
#include "resources/registrars.h"
#include "resources/sip_expiry.h"
#include "tests/fakes/guillotine.h"
#include "tests/fakes/vendor_world.h"
#include "tests/run.h"

namespace tandem {
namespace {

using fakes::FakeVendor;
using fakes::Json;
using fakes::Pairs;
using std::chrono::seconds;

constexpr const char* kState = "/var/lib/tandem/unconfirmed";
constexpr const char* kOne = "aaaaaaaa-0000-4000-8000-000000000001";
constexpr const char* kTwo = "bbbbbbbb-0000-4000-8000-000000000002";

// What outlives the operator: the services and the disk.
struct Node {
  Node() {
    vendor.templates[kOne] = {FakeVendor::kMaster, "global", FakeVendor::default_aor()};
    vendor.templates[kTwo] = {"tenant-b", "global", FakeVendor::default_aor()};
    vendor.add_registrar("second", "10.0.0.9");
    vendor.add_device("phone", "10.0.0.1");
    vendor.add_device("autoprov", "10.0.0.9", "internal");
  }

  // Takes over what `other` keeps.
  void become(const Node& other) {
    vendor.configs = other.vendor.configs;
    vendor.templates = other.vendor.templates;
    vendor.sip_general = other.vendor.sip_general;
    vendor.loaded = other.vendor.loaded;
    vendor.loaded_general = other.vendor.loaded_general;
    vendor.reloads = other.vendor.reloads;
    vendor.has_templates = other.vendor.has_templates;
    vendor.has_registrars = other.vendor.has_registrars;
    disk.files = other.disk.files;
  }

  FakeHttp http;
  FakeVendor vendor{http};
  fakes::MemoryFilesystem disk;
};

// What a start makes anew. Its clients have no token yet.
struct Operator {
  Operator(Http& http, Filesystem& disk)
      : auth(http, clock, FakeVendor::kAuth,
             []() -> Result<Credentials> { return FakeVendor::credentials(); }),
        confd(http, auth, FakeVendor::kConfd),
        provd(http, auth, FakeVendor::kProvd),
        documents(disk),
        unconfirmed(disk, kState),
        registrars(confd, provd, documents, clock),
        expiry(confd, unconfirmed) {}

  std::vector<Report> pass(const Goal& goal) {
    const auto permission = Permission::up_to(Reach::reload);
    std::vector<Report> reports;
    for (const std::string_view name : order_of(goal.role, goal.product)) {
      if (name == Registrars::name) reports.push_back(run(reconcile(registrars, goal, permission)));
      if (name == RegistrationExpiry::name)
        reports.push_back(run(reconcile(expiry, goal, permission)));
    }
    return reports;
  }

  fakes::FakeClock clock;
  Auth auth;
  Confd confd;
  Provd provd;
  ProvdDocuments documents;
  Unconfirmed unconfirmed;
  Registrars registrars;
  RegistrationExpiry expiry;
};

Goal goal_of(Role role, int maximum) {
  Goal goal;
  goal.role = role;
  goal.own_address = "10.0.0.1";
  goal.peer_address = "10.0.0.2";
  if (maximum > 0) goal.sip_expiry = SipExpiry{seconds{60}, seconds{maximum}, seconds{120}};
  return goal;
}

std::vector<Goal> every_goal() {
  std::vector<Goal> goals;
  for (const Role role : {Role::off, Role::primary, Role::secondary})
    for (const int maximum : {0, 300, 3600}) goals.push_back(goal_of(role, maximum));
  goals.push_back(goal_of(Role::primary, 300));
  goals.back().registrars["second"] = RegistrarBackups{"192.0.2.50", ""};
  goals.push_back(goal_of(Role::primary, 300));
  goals.back().peer_address = "10.0.0.77";
  return goals;
}

void settle(Node& node, const Goal& goal) {
  Operator tandem(node.http, node.disk);
  for (const Report& report : tandem.pass(goal)) ASSERT_FALSE(report.error) << report.resource;
}

bool die_within(Node& node, const Goal& goal, fakes::Guillotine& guillotine) {
  fakes::KilledHttp http(node.http, guillotine);
  fakes::KilledFilesystem disk(node.disk, guillotine);
  Operator tandem(http, disk);
  try {
    tandem.pass(goal);
  } catch (const fakes::Killed&) {
    return true;
  }
  return false;
}

Pairs sorted(Pairs pairs) {
  std::sort(pairs.begin(), pairs.end());
  return pairs;
}

// What phones and Asterisk take from the services, a line each.
std::vector<std::string> facts(const Node& node) {
  std::vector<std::string> lines;
  for (const auto& [id, config] : node.vendor.configs) {
    const auto value = [&](const char* key) {
      const auto text = config.value(key, Json());
      return text.is_string() ? text.get<std::string>() : "";
    };
    if (config["X_type"] == "registrar")
      lines.push_back(id + ": " + value("registrar_backup") + " " + value("proxy_backup"));
    else
      lines.push_back(id + ": " + config["raw_config"]["sip_lines"].dump());
  }
  for (const auto& [uuid, kept] : node.vendor.templates) {
    std::string line = uuid + ":";
    for (const auto& [key, value] : sorted(kept.aor)) line += " " + key + "=" + value;
    lines.push_back(line);
  }
  if (node.vendor.sip_general) lines.push_back(node.vendor.sip_general->dump());
  return lines;
}

// Each of them is as before or as after: no registrar with one new address, no template with one
// new value.
void expect_each_old_or_new(const Node& seen, const Node& before, const Node& after) {
  const auto is = facts(seen), was = facts(before), will = facts(after);
  ASSERT_EQ(is.size(), was.size());
  for (std::size_t i = 0; i < is.size(); ++i)
    EXPECT_TRUE(is[i] == was[i] || is[i] == will[i])
        << is[i] << "\nwas  " << was[i] << "\nwill " << will[i];
}

// A write that confd committed without telling Asterisk must not be forgotten by a kill.
void expect_asterisk_was_told(Node& node) {
  EXPECT_EQ(node.vendor.loaded_general, node.vendor.sip_general);
  for (const auto& [uuid, kept] : node.vendor.templates)
    EXPECT_EQ(sorted(node.vendor.loaded[uuid]), sorted(kept.aor)) << uuid;
}

// The next start finishes, and the one after it writes nothing.
void expect_finished(Node& node, const Goal& goal, const Node& wanted) {
  settle(node, goal);
  EXPECT_EQ(facts(node), facts(wanted));
  EXPECT_FALSE(node.disk.files.contains(kState)) << "nothing is in doubt any more";
  EXPECT_TRUE(node.disk.files.empty()) << "a leftover: " << node.disk.files.begin()->first;
  if (node.vendor.reloads > 0) expect_asterisk_was_told(node);
  node.http.sent.clear();
  node.disk.journal.clear();
  settle(node, goal);
  EXPECT_TRUE(node.vendor.writes().empty()) << node.vendor.writes().front();
  EXPECT_TRUE(node.disk.journal.empty()) << node.disk.journal.front();
}

// `trouble` is in the way of the killed start and is over at the next.
struct Trouble {
  const char* name;
  void (*begin)(Node& node);
  void (*end)(Node& node);
};

const Trouble kTroubles[] = {
    {"none", [](Node&) {}, [](Node&) {}},
    {"sysconfd is down", [](Node& node) { node.vendor.sysconfd_up = false; },
     [](Node& node) { node.vendor.sysconfd_up = true; }},
};

// A kill within the way from one node to the other, and a start that goes on or turns back.
int cut(const Node& before, const Goal& from, const Node& after, const Goal& to) {
  int cuts = 0;
  for (const Trouble& trouble : kTroubles)
    for (const bool back : {false, true})
      cuts += fakes::for_every_cut([&](fakes::Guillotine& guillotine) {
        Node node;
        node.become(before);
        trouble.begin(node);
        die_within(node, to, guillotine);
        SCOPED_TRACE(std::string(trouble.name) + ", killed " + guillotine.where());
        expect_each_old_or_new(node, before, after);
        trouble.end(node);
        // A start that turns back may have nothing to write there, and does not look for it.
        if (back) node.disk.files.erase(fakes::KilledFilesystem::temporary_of(kState));
        expect_finished(node, back ? from : to, back ? before : after);
      });
  return cuts;
}

int cut_every_transition(const std::function<void(Node&)>& prepare) {
  int cuts = 0;
  for (const Goal& from : every_goal())
    for (const Goal& to : every_goal()) {
      Node before, after;
      prepare(before), settle(before, from);
      after.become(before), settle(after, to);
      // What is not managed stays as the last goal left it: there is no way back to compare with.
      if (!from.sip_expiry) continue;
      cuts += cut(before, from, after, to);
      if (testing::Test::HasFailure()) return cuts;
    }
  return cuts;
}

TEST(CrashOfServices, AKillAtAnyRequestLeavesEachOldOrNewAndTheNextStartFinishes) {
  const int cuts = cut_every_transition([](Node&) {});
  std::cout << "crash of services: " << cuts << " kills examined\n";
  EXPECT_TRUE(fakes::is_enough(cuts, 5'000));
}

TEST(CrashOfServices, TheSameWhereProvdIsWrittenToDirectly) {
  const int cuts = cut_every_transition([](Node& node) { node.vendor.has_registrars = false; });
  std::cout << "crash of services: " << cuts << " kills examined without confd's registrars\n";
  EXPECT_TRUE(fakes::is_enough(cuts, 5'000));
}

TEST(CrashOfServices, TheSameBeforeTheTemplates) {
  const int cuts = cut_every_transition([](Node& node) {
    node.vendor.has_templates = false;
    node.vendor.sip_general = Json::parse(
        R"({"options": {"minexpiry": "60", "bindport": "5060"}, "ordered_options": []})");
  });
  std::cout << "crash of services: " << cuts << " kills examined with sip.conf's general options\n";
  EXPECT_TRUE(fakes::is_enough(cuts, 5'000));
}

}  // namespace
}  // namespace tandem
