// `tandem support-bundle`: one file with what tells how a node is and what happened to it, without
// its secrets. It works without an operator, and changes nothing.
#include "app/support_bundle.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "app/blocking.h"
#include "app/commands/asking.h"
#include "app/commands/commands.h"
#include "app/history_documents.h"
#include "app/operator_client.h"
#include "app/scrub.h"
#include "app/scrub_text.h"
#include "app/secrets.h"
#include "app/trusted_listener.h"
#include "app/version.h"
#include "core/spec.h"
#include "core/wording.h"
#include "pbx/service_groups.h"
#include "ports/cpprest_http.h"
#include "ports/real_clock.h"
#include "ports/real_filesystem.h"
#include "ports/real_process.h"
#include "ports/sqlite_events.h"
#include "ports/tar_gz.h"

namespace tandem {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::ordered_json;

constexpr auto kAnswerLimit = 10s;   // of the operator
constexpr auto kProgramLimit = 30s;  // of a program that tells
constexpr auto kDoctorLimit = 60s;   // it asks every service, and the other node
constexpr std::string_view kLogLines = "5000";
constexpr std::string_view kLogAge = "-24h";
constexpr std::size_t kUnitsMax = 30;  // whose logs are taken
constexpr std::size_t kFileMax = SupportBundle::kPartMax;

// What the operator answers, and what is of use of it.
struct Question {
  const char *path, *file, *what;
};
constexpr Question kQuestions[] = {
    {"/api/v1/pair", "api/pair.json", "the declaration in force, and how this node is"},
    {"/api/v1/why", "api/why.json", "what takeover or failback waits for"},
    {"/api/v1/events", "api/events.json", "the last 1000 events"},
    {"/api/v1/takeovers", "api/takeovers.json", "the last takeovers, step by step"},
    {"/api/v1/probes?minutes=60", "api/probes.json",
     "each probe: its last answer, and the last hour minute by minute"},
    {"/api/v1/replication", "api/replication.json", "how the copies to the secondary stand"},
    {"/api/v1/generations", "api/generations.json", "what is kept for an undo"},
    {"/api/v1/divergence", "api/divergence.json", "what was changed while the secondary served"},
};

Result<std::string> read_text(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return Error{Fault::not_found, path + " is not there"};
  if (!S_ISREG(found.st_mode)) return Error{Fault::invalid, path + " is no regular file"};
  std::ifstream file(path, std::ios::binary);
  std::string text(kFileMax, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file && !file.eof()) return Error{Fault::denied, path + " can not be read"};
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

// Everything of one run, in the order in which it is gathered.
class Gathering {
 public:
  Gathering(const Options& options, OperatorConfig config)
      : options_(options), config_(std::move(config)) {
    learn_secrets();
  }

  std::vector<BundlePart> parts();
  const Scrubber& scrubber() const { return scrubber_; }
  const OperatorConfig& config() const { return config_; }

 private:
  void learn_secrets();
  void add(std::string name, std::string what, std::function<Result<std::string>()> make) {
    parts_.push_back({std::move(name), std::move(what), std::move(make)});
  }
  void add_files();
  void add_answers();
  void add_own_words();
  void add_host();
  void add_logs();
  Result<std::string> ask(const std::string& path) const;
  Result<std::string> own_word(std::vector<std::string> arguments);
  Result<std::string> kept_events() const;
  std::vector<std::string> units() const;

  const Options& options_;
  OperatorConfig config_;
  std::optional<HAPair> pair_;
  Scrubber scrubber_;
  RealProcess programs_;
  std::vector<BundlePart> parts_;
};

// Before anything is gathered: a secret may stand in any of it, in a log above all.
void Gathering::learn_secrets() {
  boost::asio::io_context io(1);
  RealFilesystem disk(io.get_executor(), "/");
  if (auto token = read_token(disk, config_.token_file); token.ok()) scrubber_.add(token.value());
  if (auto known = read_credentials(disk, config_.credentials_file); known.ok())
    scrubber_.add(known.value().password);
  if (const auto pgpass = read_text(config_.postgres_password_file); pgpass.ok())
    for (std::string& password : pgpass_passwords(pgpass.value()))
      scrubber_.add(std::move(password));
  for (const std::string& path : {config_.state_dir + "/accepted-pair.yaml", config_.pair}) {
    const auto text = read_text(path);
    if (!text.ok()) continue;
    auto pair = parse_pair(text.value(), path);
    if (!pair) continue;
    without_secrets(to_json(*pair), pair_fields(), scrubber_);
    pair_ = std::move(*pair);
  }
}

Result<std::string> Gathering::ask(const std::string& path) const {
  // Else a stranger's answers would be read as the operator's.
  const Status vetted = vet_listener(address_to_ask(config_));
  if (!vetted.ok()) return vetted.error();
  boost::asio::io_context io(1);
  CpprestHttp http(io, std::nullopt);
  HttpRequest request;
  request.url = "http://" + address_to_ask(config_) + path;
  request.deadline = kAnswerLimit;
  auto answer = run_to_end(io, http.send(std::move(request)));
  if (!answer.ok()) return answer.error();
  if (answer.value().status == 200) return std::move(answer.value().body);
  return Error{Fault::unavailable, fmt::format("the operator answered with status {}: {}",
                                               answer.value().status, answer.value().body)};
}

void Gathering::add_answers() {
  for (const Question& question : kQuestions)
    add(question.file, question.what, [this, &question] { return ask(question.path); });
  add("api/metrics.txt", "the metrics, as Prometheus reads them",
      [this] { return ask("/metrics"); });
  add("api/livez.txt", "whether the operator lives", [this] { return ask("/livez?verbose"); });
  add("api/readyz.txt", "whether the operator is ready", [this] { return ask("/readyz?verbose"); });
}

// A file of ours that reads as a declaration, without its secrets; where it does not, what is wrong
// with it: its text may hold a secret at any place.
template <class Kind>
Result<std::string> masked_file(const std::string& path,
                                Parsed<Kind> (*parse)(std::string_view, std::string_view),
                                const FieldTree& fields, Scrubber scrubber) {
  const auto text = read_text(path);
  if (!text.ok()) return text.error();
  const auto parsed = parse(text.value(), path);
  if (parsed) return as_yaml(without_secrets(to_json(*parsed), fields, scrubber));
  std::string problems = "# it can not be read, and its text is not shown\n";
  for (const SpecProblem& problem : parsed.error()) problems += to_string(problem) + "\n";
  return problems;
}

void Gathering::add_files() {
  add("config/pair.yaml", "the declaration as it is now",
      [this] { return masked_file<HAPair>(config_.pair, parse_pair, pair_fields(), scrubber_); });
  add("config/operator.yaml", "the operator's configuration", [this] {
    Scrubber scrubber;
    return Result<std::string>(
        as_yaml(without_secrets(to_json(config_), operator_fields(), scrubber)));
  });
  add("state/accepted-pair.yaml", "the declaration that is in force", [this] {
    return masked_file<HAPair>(config_.state_dir + "/accepted-pair.yaml", parse_pair, pair_fields(),
                               scrubber_);
  });
  for (const char* name : {"accepted.json", "replicated.json", "files-copied.json", "isdn-switch",
                           "unconfirmed", "owed-commands", "failover"})
    add(fmt::format("state/{}", name), "what the operator remembers, as it is on the disk",
        [this, name] {
          auto text = read_text(config_.state_dir + "/" + name);
          if (text.ok()) std::erase(text.value(), '\0');
          return text;
        });
  add("state/events.json", "the last 1000 events, as they are on the disk",
      [this] { return kept_events(); });
}

// The first place that lets us: $TMPDIR may be wrong, and a disk full.
Result<std::string> new_folder() {
  std::error_code error;
  for (const std::string& base :
       {std::filesystem::temp_directory_path(error).string(), std::string("/tmp"),
        std::string("/var/tmp"), std::string("/dev/shm")}) {
    std::string folder = base + "/tandem-XXXXXX";
    if (!base.empty() && ::mkdtemp(folder.data()) != nullptr) return folder;
  }
  return Error{Fault::unavailable, "no folder for a copy of the events can be made"};
}

// Read from a copy of the files, so that they are there without an operator too, and nothing that
// is kept is touched.
Result<std::string> Gathering::kept_events() const {
  const std::string kept = config_.state_dir + "/events.db";
  const auto made = new_folder();
  if (!made.ok()) return made.error();
  const std::string& folder = made.value();
  std::error_code error;
  std::filesystem::copy_file(kept, folder + "/events.db", error);
  std::error_code none;  // a database that was closed well has no log
  std::filesystem::copy_file(kept + "-wal", folder + "/events.db-wal", none);
  Result<EventPage> page = Error{Fault::not_found, kept + ": " + error.message()};
  if (!error) page = SqliteEvents(folder + "/events.db", {}).events({});
  std::filesystem::remove_all(folder, none);
  if (!page.ok()) return page.error();
  return events_document(page.value(), RealClock().wall())
             .dump(2, ' ', false, nlohmann::json::error_handler_t::replace) +
         "\n";
}

// What this program tells when a person types it, with what was given to us.
Result<std::string> Gathering::own_word(std::vector<std::string> arguments) {
  std::vector<std::string> argv{"/proc/self/exe"};
  const auto pass = [&](const char* flag, const std::optional<std::string>& value) {
    if (!value) return;
    argv.emplace_back(flag);
    argv.push_back(*value);
  };
  pass("--operator", options_.operator_file);
  pass("--pair", options_.pair);
  pass("--node", options_.node);
  pass("--root", options_.root);
  pass("--listen", options_.listen);
  pass("--state-dir", options_.state_dir);
  argv.emplace_back("--no-color");
  for (std::string& argument : arguments) argv.push_back(std::move(argument));
  return output_of(programs_, std::move(argv), kDoctorLimit);
}

void Gathering::add_own_words() {
  add("status.txt", "tandem status -o wide", [this] { return own_word({"status", "-o", "wide"}); });
  add("doctor.json", "tandem doctor, asked anew", [this] {
    return own_word({"doctor", "-o", "json"});
  });
  add("plan.json", "tandem plan, asked anew", [this] { return own_word({"plan", "-o", "json"}); });
}

void Gathering::add_host() {
  add("versions.txt", "which program this is, and on what it runs", [this] {
    std::string text = fmt::format("tandem {} ({})\n\n", kVersion, kRevision);
    for (const char* path :
         {"/etc/os-release", "/proc/version", "/proc/uptime", "/proc/loadavg", "/proc/meminfo"})
      if (const auto told = read_text(path); told.ok())
        text += fmt::format("--- {}\n{}\n", path, told.value());
    return Result<std::string>(std::move(text));
  });
  add("packages.txt", "the vendor's packages, and ours", [this] {
    return output_of(programs_,
                     {"/usr/bin/dpkg-query", "-W", "tandem", "asterisk*", "wazo-*", "xivo-*",
                      "postgresql-[0-9]*"},
                     kProgramLimit);
  });
  add("disks.txt", "room on the disks", [this] {
    return output_of(programs_, {"/bin/df", "-h"}, kProgramLimit);
  });
  add("addresses.txt", "addresses and routes of this host", [this] {
    auto told = output_of(programs_, {"/sbin/ip", "-brief", "address"}, kProgramLimit);
    if (!told.ok()) return told;
    const auto routes = output_of(programs_, {"/sbin/ip", "route"}, kProgramLimit);
    if (routes.ok()) told.value() += "\n" + routes.value();
    return told;
  });
  add("failed-units.txt", "units that failed", [this] {
    return output_of(programs_,
                     {"/bin/systemctl", "--no-pager", "--plain", "list-units", "--failed"},
                     kProgramLimit);
  });
}

// Ours, and those that telephony consists of.
std::vector<std::string> Gathering::units() const {
  std::vector<std::string> units{"tandem.service"};
  if (!pair_) return units;
  const auto goal = goal_for(*pair_, config_.node, false);
  if (!goal.ok()) return units;
  const ServiceGroups groups = service_groups(goal.value());
  for (const auto& list : {groups.telephony, groups.standing})
    for (const std::string& unit : list)
      if (units.size() < kUnitsMax) units.push_back(unit);
  return units;
}

void Gathering::add_logs() {
  add("logs/journal.txt", "the logs of tandem and of telephony's units, of the last day", [this] {
    std::vector<std::string> argv{
        "/usr/bin/journalctl",  "--no-pager", "--quiet",           "--output=short-iso", "--lines",
        std::string(kLogLines), "--since",    std::string(kLogAge)};
    for (const std::string& unit : units()) argv.insert(argv.end(), {"--unit", unit});
    return output_of(programs_, std::move(argv), kProgramLimit);
  });
}

std::vector<BundlePart> Gathering::parts() {
  add_files();
  add_answers();
  add_own_words();
  add_host();
  add_logs();
  return std::move(parts_);
}

}  // namespace

int support_bundle_command(const Options& options, const std::string& out) {
  auto config = load_config(options);
  if (!config.ok()) {
    print_error(options, config.error().message);
    return kExitFailed;
  }
  const RealClock clock;
  const std::string folder =
      fmt::format("tandem-support-{}-{:%Y%m%dT%H%M%SZ}", config.value().node.substr(0, 40),
                  fmt::gmtime(std::chrono::system_clock::to_time_t(clock.wall())));
  const std::string path = out.empty() ? folder + ".tar.gz" : out;
  Gathering gathering(options, std::move(config).value());
  SupportBundle bundle(clock, folder, gathering.config().node);
  const auto packed = bundle.pack(gathering.parts(), gathering.scrubber());
  const Status written =
      packed.ok() ? write_private_file(path, packed.value()) : Status(packed.error());
  if (!written.ok()) {
    print_error(options, written.error().message);
    return kExitFailed;
  }
  for (const std::string& part : bundle.missing())
    fmt::print(stderr, "not in it: {}\n", part.substr(0, part.find('\n')));
  fmt::print("{}\n", path);
  fmt::print(stderr,
             "Secrets are masked. Look through it all the same before you give it to somebody.\n");
  return kExitGood;
}

}  // namespace tandem
