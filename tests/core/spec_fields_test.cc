// One bad value each: the whole message is what a user sees.
#include <gtest/gtest.h>

#include "tests/core/spec_samples.h"

namespace tandem {
namespace {

struct Bad {
  std::string yaml;     // below spec, from line 9 of a pair or 4 of an operator on
  std::string message;  // without the file name
};

void expect_all(const std::vector<Bad>& cases, std::string (*problems)(std::string_view)) {
  for (const auto& bad : cases) EXPECT_EQ(problems(bad.yaml), "f:" + bad.message) << bad.yaml;
}

std::string of_pair(std::string_view yaml) { return samples::pair_problems(samples::pair(yaml)); }

std::string of_operator(std::string_view yaml) {
  return samples::problems(parse_operator(samples::operator_config(yaml), "f"));
}

TEST(SpecFields, RefusesWrongTypes) {
  expect_all(
      {
          {"  sip: 3\n",
           "9:8: spec.sip: a text is not allowed here; must be an object (indented fields)"},
          {"  notify: {}\n", "9:11: spec.notify: an object is not allowed here; must be a list"},
          {"  enabled: [true]\n",
           "9:12: spec.enabled: a list is not allowed here; must be true or false"},
          {"  enabled: \"true\"\n",
           "9:12: spec.enabled: 'true' is in quotes; must be true or false, unquoted"},
          {"  enabled: ~\n",
           "9:3: spec.enabled: has no value; must be true or false, or be left out for its "
           "default"},
          {"  provisioning: { resyncRate: 010 }\n",
           "9:31: spec.provisioning.resyncRate: '010' is not a decimal integer; must be an integer "
           "from "
           "1 to 1000, unquoted, without leading zero"},
          {"  provisioning: { resyncRate: 99999999999999999999 }\n",
           "9:31: spec.provisioning.resyncRate: '99999999999999999999' is out of range; must be an "
           "integer from 1 to 1000"},
          {"  failover: { failback: { hold: 5 } }\n",
           "9:33: spec.failover.failback.hold: '5' has no unit; must be numbers with ms, s, m, h "
           "or d, as "
           "in 1h30m"},
          {"  failover: { failback: { hold: 99999999999999999d } }\n",
           "9:33: spec.failover.failback.hold: '99999999999999999d' is too long; must be numbers "
           "with "
           "ms, s, m, h or d, as in 1h30m"},
          {"  failover: { probes: { sip: { period: 1ms } } }\n",
           "9:40: spec.failover.probes.sip.period: '1ms' is too short; must be a duration from "
           "1500ms to "
           "1m"},
          {"  replication: { files: { maxShrink: 0% } }\n",
           "9:38: spec.replication.files.maxShrink: '0%' is out of range; must be a percentage "
           "from 1% "
           "to 100%"},
          {"  suspend: { reason: no, until: 2026-12-01T06:00:00Z }\n",
           "9:22: spec.suspend.reason: 'no' is no text to every YAML program; must be in quotes to "
           "be "
           "text"},
          {"  suspend: { reason: upgrade, until: 2026-02-30T06:00:00Z }\n",
           "9:38: spec.suspend.until: '2026-02-30T06:00:00Z' is not an RFC 3339 time; must be as "
           "in "
           "2026-12-01T06:00:00Z"},
          {"  sip: { expiry: { minimum: 1m, maximum: 2m, default: 90500ms } }\n",
           "9:55: spec.sip.expiry.default: '90500ms' has a fraction of a second; must be a "
           "duration in "
           "whole seconds from 10s to 1d"},
      },
      of_pair);
}

TEST(SpecFields, RefusesWrongTexts) {
  expect_all(
      {
          {"  failover: { witnesses: [0.0.0.0] }\n",
           "9:27: spec.failover.witnesses[0]: '0.0.0.0' means no host or every host; must be the "
           "address "
           "of one host"},
          {"  failover: { witnesses: [255.255.255.255] }\n",
           "9:27: spec.failover.witnesses[0]: '255.255.255.255' is the broadcast address; must be "
           "the "
           "address of one host"},
          {"  failover: { witnesses: [239.1.2.3] }\n",
           "9:27: spec.failover.witnesses[0]: '239.1.2.3' is a multicast address; must be the "
           "address of "
           "one host"},
          {"  failover: { witnesses: [192.0.2.010] }\n",
           "9:27: spec.failover.witnesses[0]: '192.0.2.010' is not an IPv4 address; must be four "
           "numbers "
           "from 0 to 255, as in 192.0.2.10"},
          {"  failover: { witnesses: [fe80::1] }\n",
           "9:27: spec.failover.witnesses[0]: 'fe80::1' is an IPv6 address; must be IPv4, because "
           "the "
           "vendor's own HA breaks on IPv6: its PostgreSQL rule would trust a /32 of it"},
          {"  failover: { witnesses: [] }\n",
           "9:26: spec.failover.witnesses: has 0 items; must have 1 to 8"},
          {"  failover: { witnesses: all }\n",
           "9:26: spec.failover.witnesses: a text is not allowed here; must be auto or a list"},
          {"  failover: { failback: { window: \"22:00-24:00\" } }\n",
           "9:35: spec.failover.failback.window: '22:00-24:00' is not a window of the day; must be "
           "HH:MM-HH:MM with two different times, as in 22:00-06:00"},
          {"  replication: { files: { directories: [/] } }\n",
           "9:41: spec.replication.files.directories[0]: '/' is the whole disk; must be a "
           "directory below "
           "'/'"},
          {"  replication: { files: { directories: [/a/../b] } }\n",
           "9:41: spec.replication.files.directories[0]: '/a/../b' has '.' or '..' as a part; must "
           "be the "
           "plain path"},
          {"  replication: { files: { directories: [/a, /a/] } }\n",
           "9:45: spec.replication.files.directories[1]: is given twice; must be there once"},
          {"  hooks: { afterFailback: [[tell]] }\n",
           "9:29: spec.hooks.afterFailback[0][0]: the program is not absolute; must begin with "
           "'/'"},
          {"  notify: [{ mail: root@localhost, exec: [/bin/x] }]\n",
           "9:12: spec.notify[0]: has 2 fields; must have exactly one of mail, webhook or exec"},
          {"  provisioning: { registrars: { a: skip } }\n",
           "9:36: spec.provisioning.registrars.a: a text is not allowed here; must be ignore or an "
           "object "
           "(indented fields)"},
          {"  provisioning: { registrars: { \"a b\": ignore } }\n",
           "9:33: spec.provisioning.registrars.'a b': the name is not an identifier; must be "
           "letters, "
           "digits, '-', '_', '.'"},
          {"  suspend: { reason: upgrade }\n",
           "9:3: spec.suspend.until: is missing; must be an RFC 3339 time"},
      },
      of_pair);
}

TEST(SpecFields, RefusesWrongFieldsOfAnOperator) {
  expect_all(
      {
          {"  node: null\n  noed: x\n",
           "5:3: spec.noed: unknown field; the nearest known name is 'node'"},
          {"  listen: localhost:80\n",
           "4:11: spec.listen: 'localhost:80' is not an address with a port; must be IPV4:PORT, as "
           "in "
           "127.0.0.1:9877"},
          {"  listen: 0.0.0.0:65536\n",
           "4:11: spec.listen: '0.0.0.0:65536' has no valid port; must be IPV4:PORT, port 1 to "
           "65535"},
          {"  wazo: { confd: \"http://192.0.2.10:9486/1.1\" }\n",
           "4:18: spec.wazo.confd: the value would send credentials in clear to another host; must "
           "be "
           "https, or http to 127.0.0.1"},
          {"  wazo: { confd: \"http://localhost.example.org/1.1\" }\n",
           "4:18: spec.wazo.confd: the value would send credentials in clear to another host; must "
           "be "
           "https, or http to 127.0.0.1"},
          {"  postgres: { dsn: \"host=x PASSWORD = 'a b'\" }\n",
           "4:20: spec.postgres.dsn: the value has a password inside; must be without it, the "
           "password "
           "belongs into passwordFile"},
          {"  postgres: { dsn: \"postgresql://u:p@h/d\" }\n",
           "4:20: spec.postgres.dsn: the value is a URI; must be libpq's KEY=VALUE form, as in "
           "host=127.0.0.1 dbname=asterisk"},
          {"  root: /lab\n  stateDir: /lab/var\n",
           "5:13: spec.stateDir: stateDir '/lab/var' is below root '/lab'; must be outside of it"},
          {"  peer: https://192.0.2.11:9878\n",
           "4:9: spec.peer: is https without spec.listenTls; listenTls must be given, its "
           "certificate is "
           "what the other node knows this one by"},
          {"  keep: { eventCount: \"500\" }\n",
           "4:23: spec.keep.eventCount: '500' is in quotes; must be an integer from 100 to "
           "10000000, "
           "unquoted, without leading zero"},
      },
      of_operator);
}

TEST(SpecFields, TakesWhatIsRight) {
  for (const std::string good :
       {"  root: /lab\n  stateDir: /laboratory\n", "  wazo: { confd: https://192.0.2.10/api }\n",
        "  peer: http://127.0.0.1:9000\n",
        "  postgres: { dsn: \"host=x options='-c password_encryption=md5'\" }\n"})
    EXPECT_EQ(of_operator(good), "");
  for (const std::string good :
       {"  suspend: { reason: upgrade, until: 2026-12-01T06:00:00.5+02:00 }\n",
        "  failover: { failback: { window: 22:00-06:00 } }\n", "  notify: []\n", "  sip: {}\n",
        "  isdnSwitch: { driver: berofos }\n", "  sip: { expiry: null }\n"})
    EXPECT_EQ(of_pair(good), "");
}

}  // namespace
}  // namespace tandem
