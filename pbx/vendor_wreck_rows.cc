// The table of wrecks: when each is there, and what it means for the node.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/formats.h"
#include "pbx/vendor_case.h"

namespace tandem {
namespace {

using Case = VendorCase;

bool is_usable(const std::string& address) { return check_node_address(address).empty(); }

std::string cron_text(const Case& c) {
  const Profile& profile = c.traces.profile();
  std::vector<std::string> jobs;
  for (const auto* content : {&c.traces.cron_master, &c.traces.cron_slave})
    if (*content) jobs.push_back(cron_meaning(profile, **content));
  return jobs.empty() ? "no job of the vendor's in cron"
                      : fmt::format("in cron: {}", fmt::join(jobs, ", and "));
}

std::string sentinel_text(const Case& c) {
  if (!c.has_sentinels()) return "";
  if (c.traces.is_primary && c.traces.is_secondary) return "; both is-primary and is-secondary";
  if (c.traces.is_primary) return "; is-primary";
  return c.traces.is_secondary ? "; is-secondary" : "; neither is-primary nor is-secondary";
}

std::string_view silently_off(const Case& c) {
  return c.wanted() == Role::secondary
             ? " So the vendor's failover does nothing, and never says so."
             : "";
}

// One kind of wreck. All rows that hold are told.
struct Row {
  const char* name;
  bool (*holds)(const Case&);
  std::string (*meaning)(const Case&);
};

bool damaged(const Case& c) { return c.conf && c.conf->node_type.starts_with("damaged"); }
bool partial(const Case& c) {
  return c.conf && (c.conf->node_type == "missing" || c.conf->remote_address == "missing");
}
bool conf_is_whole(const Case& c) {
  return c.conf && !damaged(c) && !partial(c) && c.conf_role.has_value();
}
bool conf_agrees(const Case& c) { return conf_is_whole(c) && c.conf_role == c.wanted(); }

constexpr Row kHaConfRows[] = {
    {"HaConfMissing", [](const Case& c) { return !c.conf && c.wanted() != Role::off; },
     [](const Case& c) {
       return fmt::format(
           "there is no ha.conf: the vendor's services take this node for one "
           "without high availability, although {}{}",
           cron_text(c), sentinel_text(c));
     }},
    {"HaConfDamaged", damaged,
     [](const Case& c) {
       return fmt::format(
           "ha.conf is {}, as an interrupted write leaves it: until it is written "
           "anew the vendor's services can not tell the role, and a node can not be "
           "disabled",
           c.conf->node_type);
     }},
    {"HaConfPartial", partial,
     [](const Case& c) {
       return fmt::format(
           "ha.conf has node_type {} and remote_address {}: a call of the vendor's "
           "without its keys overwrote it. On a secondary it also removed the line "
           "in pg_hba.conf that the copy needs",
           c.conf->node_type, c.conf->remote_address);
     }},
    {"HaConfUnknownRole",
     [](const Case& c) { return c.conf && !damaged(c) && !partial(c) && !c.conf_role; },
     [](const Case& c) {
       return fmt::format(
           "ha.conf says node_type {}, which is no role: the vendor's call removed "
           "both cron files and started the telephony services",
           c.conf->node_type);
     }},
    {"HaConfBadAddress",
     [](const Case& c) {
       return conf_is_whole(c) && c.conf_role != Role::off && !is_usable(c.conf->remote_address);
     },
     [](const Case& c) {
       return fmt::format(
           "ha.conf names {} as the other node, which is no IPv4 address: nobody "
           "checks it, and on a secondary it stands in pg_hba.conf as well",
           c.conf->remote_address);
     }},
    {"HaConfOtherPeer",
     [](const Case& c) {
       return conf_is_whole(c) && c.conf_role != Role::off && is_usable(c.conf->remote_address) &&
              !c.peer.empty() && c.conf->remote_address != c.peer;
     },
     [](const Case& c) {
       return fmt::format("ha.conf names {} as the other node, and not {}", c.conf->remote_address,
                          c.peer);
     }},
    {"HaConfForeign",
     [](const Case& c) {
       return conf_is_whole(c) &&
              *c.traces.ha_conf != ha_conf_content(*c.conf_role, c.conf->remote_address) &&
              (c.conf_role == Role::off || is_usable(c.conf->remote_address));
     },
     [](const Case& c) {
       if (c.conf_role == Role::off && c.conf->remote_address != shown_value(""))
         return fmt::format("ha.conf says disabled, and still names {}", c.conf->remote_address);
       return fmt::format("ha.conf has {}: it is not as the vendor writes it", c.conf->style);
     }},
};

constexpr Row kRoleRows[] = {
    {"RoleContradicted", [](const Case& c) { return conf_is_whole(c) && !conf_agrees(c); },
     [](const Case& c) {
       return fmt::format("ha.conf says {}, but the node is taken for {}", c.conf->node_type,
                          c.enabled ? role_name(c.role) : "one without high availability");
     }},
    {"StoppedAfterHaConf",
     [](const Case& c) {
       return conf_agrees(c) && !c.cron_is_right() &&
              !(c.has_sentinels() && c.sentinels_are_right());
     },
     [](const Case& c) {
       return fmt::format(
           "the vendor's call stopped after ha.conf, as when PostgreSQL did not "
           "restart or pg_hba.conf was missing. ha.conf already says {}, but the "
           "rest is still that of before: {}{}.{}",
           c.conf->node_type, cron_text(c), sentinel_text(c), silently_off(c));
     }},
    {"StoppedBeforeSentinels",
     [](const Case& c) {
       return c.cron_is_right() && !c.sentinels_are_right() && c.traces.has_sentinel_folder &&
              (c.traces.is_primary || c.traces.is_secondary || c.wanted() != Role::secondary);
     },
     [](const Case& c) {
       return fmt::format(
           "the vendor's call stopped before its last step, as when the telephony "
           "services did not start: the sentinel is still that of before{}.{}",
           sentinel_text(c), silently_off(c));
     }},
    {"SentinelLost",
     [](const Case& c) {
       return c.cron_is_right() && c.wanted() == Role::secondary && c.has_sentinels() &&
              c.traces.has_sentinel_folder && !c.traces.is_primary && !c.traces.is_secondary;
     },
     [](const Case&) {
       return std::string(
           "the file is-secondary is missing: the vendor's failover does nothing "
           "without it, whether the primary is dead or alive, and never says so");
     }},
    {"SentinelFolderMissing", [](const Case& c) { return !c.traces.has_sentinel_folder; },
     [](const Case& c) {
       return fmt::format(
           "the folder of the sentinels is missing: the vendor's call failed at its "
           "last step.{}",
           silently_off(c));
     }},
    {"TwoRoles",
     [](const Case& c) {
       return (c.traces.cron_master && c.traces.cron_slave) ||
              (c.traces.is_primary && c.traces.is_secondary);
     },
     [](const Case& c) {
       return fmt::format(
           "the node has traces of both roles, as two of the vendor's calls at once "
           "leave it: {}{}",
           cron_text(c), sentinel_text(c));
     }},
};

constexpr Row kCronRows[] = {
    {"CronMissing",
     [](const Case& c) {
       return c.has_sentinels() && c.sentinels_are_right() && c.wanted() != Role::off &&
              !c.traces.cron_master && !c.traces.cron_slave;
     },
     [](const Case& c) {
       return c.wanted() == Role::primary
                  ? std::string(
                        "the vendor's hourly job is not in cron: nothing is copied to the "
                        "secondary")
                  : std::string(
                        "the vendor's job is not in cron: nobody watches the primary, and "
                        "this node will not take over");
     }},
    {"CronOfOtherRole",
     [](const Case& c) {
       return c.has_sentinels() && c.sentinels_are_right() && !c.cron_is_right() &&
              (c.traces.cron_master || c.traces.cron_slave);
     },
     [](const Case& c) {
       return fmt::format("cron does not hold what this role has, but {}", cron_text(c));
     }},
    {"CronOtherPeer",
     [](const Case& c) {
       const auto& address = c.wanted() == Role::primary ? c.master_cron : c.slave_cron;
       return c.wanted() != Role::off && address && !c.peer.empty() && *address != c.peer;
     },
     [](const Case& c) { return fmt::format("{}, and not with {}", cron_text(c), c.peer); }},
    {"VendorProgramMissing", [](const Case& c) { return !c.traces.missing_programs.empty(); },
     [](const Case& c) {
       return fmt::format(
           "the vendor's mechanism needs {}, which is not there: reinstall the "
           "vendor's packages",
           fmt::join(c.traces.missing_programs, " and "));
     }},
    {"SyncKeyMissing",
     [](const Case& c) { return c.wanted() == Role::primary && !c.traces.has_sync_key; },
     [](const Case& c) {
       return fmt::format(
           "{} is missing: without it the vendor's hourly file copy ends at once, "
           "with success and without a word. It is made by: {}",
           c.traces.profile().sync_key, c.traces.profile().sync_setup_command);
     }},
    {"StandsByAsPrimary",
     [](const Case& c) { return c.wanted() == Role::primary && c.traces.stands_by; },
     [](const Case& c) {
       return fmt::format(
           "this node is the primary, but stands by: {} is there. It serves after: "
           "{}",
           c.traces.profile().standby_marker, c.traces.profile().serve_command);
     }},
};

bool is_open(const std::optional<std::string>& postgresql_conf) {
  return postgresql_conf && (postgresql_conf->starts_with("listen_addresses") ||
                             postgresql_conf->find("\nlisten_addresses") != std::string::npos);
}

bool trusts_only(const Case& c) { return c.trusted.size() == 1 && c.trusted.front() == c.peer; }

constexpr Row kPostgresRows[] = {
    {"PostgresLineMissing",
     [](const Case& c) {
       return c.wanted() == Role::secondary && c.traces.pg_hba && c.trusted.empty();
     },
     [](const Case&) {
       return std::string("pg_hba.conf has no line for the primary: its hourly copy is refused");
     }},
    {"PostgresLineOfAnother",
     [](const Case& c) {
       return c.wanted() == Role::secondary && !c.trusted.empty() && !c.peer.empty() &&
              !trusts_only(c);
     },
     [](const Case& c) {
       return fmt::format(
           "pg_hba.conf trusts {} as the superuser of the database, and not {} alone",
           shown_value(fmt::format("{}", fmt::join(c.trusted, " and "))), c.peer);
     }},
    {"PostgresLineLeft",
     [](const Case& c) { return c.wanted() != Role::secondary && !c.trusted.empty(); },
     [](const Case& c) {
       return fmt::format(
           "pg_hba.conf still trusts {} as the superuser of the database, without a "
           "password, although this node is no secondary",
           shown_value(fmt::format("{}", fmt::join(c.trusted, " and "))));
     }},
    {"PostgresListensLocally",
     [](const Case& c) {
       return c.wanted() == Role::secondary && c.traces.postgresql_conf &&
              !is_open(c.traces.postgresql_conf);
     },
     [](const Case&) {
       return std::string(
           "postgresql.conf sets no listen_addresses: the server listens on "
           "localhost alone, unless another file says otherwise, and the primary's "
           "copy does not reach it");
     }},
    {"PostgresFilesMissing",
     [](const Case& c) {
       return !c.traces.postgres_folder.empty() && (!c.traces.pg_hba || !c.traces.postgresql_conf);
     },
     [](const Case& c) {
       return fmt::format(
           "{} lacks pg_hba.conf or postgresql.conf: the vendor's call fails there, "
           "after it has written ha.conf",
           c.traces.postgres_folder);
     }},
};

template <std::size_t N>
void judge(const Case& c, const Row (&rows)[N], std::vector<Finding>& findings) {
  for (const Row& row : rows)
    if (row.holds(c)) findings.push_back({row.name, row.meaning(c)});
}

}  // namespace

std::vector<Finding> wrecks_of(const VendorCase& node) {
  std::vector<Finding> findings;
  judge(node, kHaConfRows, findings);
  judge(node, kRoleRows, findings);
  judge(node, kCronRows, findings);
  judge(node, kPostgresRows, findings);
  return findings;
}

}  // namespace tandem
