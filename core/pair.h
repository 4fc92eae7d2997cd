// The two YAML kinds as plain values, every default in place. core/spec.h reads files into them;
// the meaning of each field is told once, in the table of core/fields.cc.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace tandem {

using Duration = std::chrono::milliseconds;
using WallTime = std::chrono::system_clock::time_point;

enum class Product { wazo, xivo };
enum class Owner { vendor, tandem };
// How far a change reaches, in rising order; `spec.changes.allow` is the highest done by itself.
enum class Reach { none, file, reload, restart, telephony };

struct NodePath {
  std::string name;
  std::string address;  // IPv4
  bool operator==(const NodePath&) const = default;
};

struct NodeSpec {
  std::string name;     // RFC 1123 label
  std::string address;  // IPv4, the VoIP interface
  std::vector<NodePath> paths;
  bool operator==(const NodeSpec&) const = default;
};

struct SipExpiry {
  Duration minimum{};
  Duration maximum{};
  Duration initial{};  // the field `default`: what a phone gets that asks for nothing
  bool operator==(const SipExpiry&) const = default;
};

struct Objectives {
  Duration max_downtime = std::chrono::minutes{5};
  Duration max_data_age = std::chrono::hours{1};
  Duration phone_switch = std::chrono::seconds{32};
  bool operator==(const Objectives&) const = default;
};

struct SipPolicy {
  enum class Preset { documented, fast };
  bool managed = true;
  Preset preset = Preset::documented;
  std::optional<SipExpiry> expiry;
  bool operator==(const SipPolicy&) const = default;
};

// What one registrar's backups should be instead of the other node's address. std::nullopt:
// `ignore`.
struct RegistrarBackups {
  std::string registrar_backup;
  std::string proxy_backup;
  bool operator==(const RegistrarBackups&) const = default;
};
using RegistrarOverride = std::optional<RegistrarBackups>;

struct Provisioning {
  enum class Resync { manual, on_change };
  bool backup_registrar_managed = true;
  std::map<std::string, RegistrarOverride> registrars;  // by registrar id
  Resync resync_devices = Resync::manual;
  int resync_rate = 5;  // devices a second
  bool operator==(const Provisioning&) const = default;
};

struct ProbeTiming {
  Duration period{};
  Duration timeout{};
  bool operator==(const ProbeTiming&) const = default;
};

struct TimeWindow {
  std::chrono::minutes from{};  // since local midnight
  std::chrono::minutes to{};    // before `from`: over midnight
  bool operator==(const TimeWindow&) const = default;
};

struct Failover {
  enum class Mode { automatic, advise, manual };
  struct Failback {
    enum class Mode { automatic, manual };
    Mode mode = Mode::automatic;
    Duration hold = std::chrono::minutes{5};
    Duration wait_for_calls = std::chrono::minutes{30};
    std::optional<TimeWindow> window;
    bool operator==(const Failback&) const = default;
  };

  Owner owner = Owner::tandem;
  Mode mode = Mode::automatic;
  ProbeTiming icmp{std::chrono::seconds{1}, Duration{800}};
  ProbeTiming sip{std::chrono::seconds{2}, Duration{1500}};
  int sip_port = 5060;
  ProbeTiming peer{std::chrono::seconds{1}, Duration{800}};
  Duration confirm_host_down = std::chrono::seconds{20};
  Duration confirm_service_failed = std::chrono::seconds{30};
  Duration confirm_service_restarting = std::chrono::minutes{4};
  Duration confirm_service_unknown = std::chrono::seconds{90};
  Duration boot_grace = std::chrono::minutes{5};
  std::optional<std::vector<std::string>> witnesses;  // nullopt: auto, the gateway
  Duration activation_timeout = std::chrono::minutes{4};
  Duration deactivation_timeout = std::chrono::minutes{3};
  int local_restarts = 0;  // an hour
  Failback failback;
  int max_takeovers = 3;
  Duration flapping_window = std::chrono::hours{6};
  bool operator==(const Failover&) const = default;
};

struct Replication {
  enum class DatabaseMode { snapshot, stream };
  enum class Voicemail { none, greetings, all };
  Owner owner = Owner::tandem;
  DatabaseMode database_mode = DatabaseMode::snapshot;
  Duration database_interval = std::chrono::minutes{1};
  Duration proof_interval = std::chrono::hours{1};
  std::vector<std::string> exclude_tables;
  int database_max_shrink = 50;  // percent
  Duration files_interval = std::chrono::hours{1};
  bool files_on_change = true;
  std::vector<std::string> directories;
  int files_max_shrink = 50;  // percent
  Voicemail voicemail = Voicemail::greetings;
  bool harvest_voicemail = true;
  bool harvest_recordings = true;
  std::vector<std::string> harvest_features;  // dnd, forwards
  bool operator==(const Replication&) const = default;
};

struct IsdnSwitch {
  std::string driver;  // berofos
  Duration dwell = std::chrono::seconds{60};
  std::vector<std::string> read_command;
  bool operator==(const IsdnSwitch&) const = default;
};

struct Interconnection {
  std::string reporting_db_host;
  std::string elasticsearch;
  bool operator==(const Interconnection&) const = default;
};

struct ServiceLists {  // each replaces the profile's list where it is not empty
  std::vector<std::string> activate, deactivate, units, essential;
  bool operator==(const ServiceLists&) const = default;
};

struct Hooks {
  std::vector<std::vector<std::string>> after_takeover, after_failback;  // argv lists
  bool operator==(const Hooks&) const = default;
};

struct MailTarget {
  std::string address;
  bool operator==(const MailTarget&) const = default;
};
struct WebhookTarget {
  std::string url;
  bool operator==(const WebhookTarget&) const = default;
};
struct ExecTarget {
  std::vector<std::string> argv;
  bool operator==(const ExecTarget&) const = default;
};
using NotifyTarget = std::variant<MailTarget, WebhookTarget, ExecTarget>;

struct Suspension {
  std::string reason;
  WallTime until{};
  bool operator==(const Suspension&) const = default;
};

// kind HAPair: the declaration, byte for byte the same on both nodes.
struct HAPair {
  enum class Distribution { manual, from_primary };
  enum class PostgresMethod { scram, trust };
  enum class Restart { advise, perform };

  std::string name;
  Product product = Product::wazo;
  bool enabled = true;
  NodeSpec primary, secondary;
  Distribution distribution = Distribution::manual;
  Reach changes_allow = Reach::reload;
  Objectives objectives;
  SipPolicy sip;
  Provisioning provisioning;
  Failover failover;
  Replication replication;
  PostgresMethod postgres_method = PostgresMethod::scram;
  Restart restart = Restart::advise;
  std::optional<IsdnSwitch> isdn_switch;
  std::optional<Interconnection> interconnection;
  std::optional<ServiceLists> services;
  Hooks hooks;
  std::vector<NotifyTarget> notify;
  std::optional<Suspension> suspend;
  bool operator==(const HAPair&) const = default;
};

struct ListenTls {
  std::string address;  // IPV4:PORT
  std::string certificate, key, ca;
  bool operator==(const ListenTls&) const = default;
};

// kind OperatorConfig: local to a node.
struct OperatorConfig {
  enum class Commands { automatic, child, systemd };
  enum class LogLevel { debug, info, warning, error };
  enum class LogFormat { logfmt, json };

  std::string node;  // empty: the host name
  std::string pair = "/etc/tandem/pair.yaml";
  std::string root = "/";
  std::string state_dir = "/var/lib/tandem";
  std::string listen = "127.0.0.1:9877";
  std::optional<ListenTls> listen_tls;
  std::optional<std::string> peer;
  std::string token_file = "/etc/tandem/token";
  std::string confd = "http://127.0.0.1:9486/1.1";
  std::string provd = "http://127.0.0.1:8666/0.2";
  std::string auth = "http://127.0.0.1:9497/0.1";
  std::optional<std::string> ca;
  std::string credentials_file = "/etc/tandem/credentials.yaml";
  std::string ssh_dir = "/etc/tandem/ssh";
  std::string postgres_dsn = "host=127.0.0.1 dbname=asterisk user=tandem";
  std::string postgres_peer_dsn = "host=PEER-ADDRESS dbname=asterisk user=tandem";
  std::string postgres_password_file = "/etc/tandem/pgpass";
  std::optional<std::string> postgres_config_dir;
  Commands commands = Commands::automatic;
  Duration keep_events = std::chrono::hours{24 * 90};
  std::int64_t keep_event_count = 100000;
  LogLevel log_level = LogLevel::info;
  LogFormat log_format = LogFormat::logfmt;
  bool operator==(const OperatorConfig&) const = default;
};

}  // namespace tandem
