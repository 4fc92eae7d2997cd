#include "reconciler/failover/pair_file_taker.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/digest.h"
#include "core/root_fields.h"
#include "core/spec.h"

namespace tandem {
namespace {

// It may hold the secret of a webhook.
constexpr mode_t kNewFileMode = 0600;

}  // namespace

PairFileTaker::PairFileTaker(Filesystem& disk, Clock& clock, Http& http, const SpecKeeper& specs,
                             std::string node)
    : disk_(disk), clock_(clock), http_(http), specs_(specs), node_(std::move(node)) {}

bool PairFileTaker::is_asked_for() const {
  const auto& accepted = specs_.view().accepted;
  return accepted && accepted->distribution == HAPair::Distribution::from_primary &&
         accepted->secondary.name == node_;
}

void PairFileTaker::tell(Truth status, std::string reason, std::string message) {
  condition_ = Condition{"PairFileTaken", status, std::move(reason), std::move(message), true};
}

Task<void> PairFileTaker::follow(PeerWord word, std::string url) {
  if (!is_asked_for()) {
    condition_.reset();
    co_return;
  }
  // Who calls itself the primary here must be the one that is declared to be.
  if (word.role != Role::primary || word.node != specs_.view().accepted->primary.name ||
      word.spec_sha256.empty()) {
    tell(Truth::unknown, "NoPrimary",
         "the other node does not say that it is the primary with a declaration in force");
    co_return;
  }
  const auto current = disk_.read(specs_.pair_path(), kSpecBytesMax);
  if (current.ok() && sha256(current.value()) == word.spec_sha256) {
    tell(Truth::yes, "Same", "pair.yaml is the primary's, as distribution: fromPrimary wants it");
    co_return;
  }
  if (tried_ == word.spec_sha256 && clock_.now() < try_again_) co_return;
  const auto text = co_await fetch(word, url);
  Status taken = text.ok() ? judge(text.value()) : Status(text.error());
  if (taken.ok() && is_asked_for()) taken = put(text.value());
  if (taken.ok()) {
    tell(Truth::yes, "Same", "pair.yaml was taken from the primary");
    co_return;
  }
  tried_ = word.spec_sha256;
  try_again_ = clock_.now() + kRetry;
  tell(Truth::no, "NotTaken",
       fmt::format("the primary's pair.yaml is not taken: {}; the file of this node stays as it "
                   "is; copy the primary's by hand if it is right",
                   taken.error().message));
}

Task<Result<std::string>> PairFileTaker::fetch(const PeerWord& word, const std::string& url) {
  HttpRequest request;
  request.url = url + kPairFilePath;
  request.certificate_name = word.node;
  request.deadline = kDeadline;
  request.body_max = kSpecBytesMax;
  auto response = co_await http_.send(std::move(request));
  if (!response.ok()) co_return response.error();
  if (response.value().status != 200)
    co_return Error{Fault::unavailable,
                    fmt::format("the primary answers with status {}", response.value().status)};
  if (sha256(response.value().body) != word.spec_sha256)
    co_return Error{Fault::unavailable,
                    "what came has another sha256 than the primary says is in force there"};
  co_return std::move(response).value().body;
}

// Everything that the file could be refused for later is looked at before it replaces one that is
// good.
Status PairFileTaker::judge(const std::string& text) const {
  const auto parsed = parse_pair(text, "the primary's pair.yaml");
  if (!parsed) return Error{Fault::invalid, to_string(parsed.error().front())};
  const HAPair& accepted = *specs_.view().accepted;
  if (parsed->primary.name != accepted.primary.name ||
      parsed->secondary.name != accepted.secondary.name)
    return Error{
        Fault::invalid,
        fmt::format("it makes {} the primary and {} the secondary, and here {} and {} are: "
                    "names and roles are changed by hand, on both nodes",
                    parsed->primary.name, parsed->secondary.name, accepted.primary.name,
                    accepted.secondary.name)};
  // Who has the primary's certificate may speak for it, and is not to be root here for that.
  const auto rooted = root_differences(accepted, *parsed);
  if (!rooted.empty())
    return Error{Fault::invalid,
                 fmt::format("it changes {}, which gives the rights of root on this node and is "
                             "changed by hand, on both nodes",
                             fmt::join(rooted, ", "))};
  return success();
}

Status PairFileTaker::put(const std::string& text) {
  const std::string& path = specs_.pair_path();
  const std::string previous = path + ".previous";
  const auto old = disk_.read(path, kSpecBytesMax);
  const auto status = disk_.status(path);
  if (old.ok() && status.ok() && status.value()) {
    Status kept = disk_.replace(previous, old.value(), status.value()->mode);
    if (kept.ok()) kept = disk_.set_mode(previous, status.value()->mode);
    if (kept.ok()) kept = disk_.set_owner(previous, status.value()->owner, status.value()->group);
    if (!kept.ok()) return in_context(previous, kept.error());
  }
  return disk_.replace(path, text, kNewFileMode);
}

}  // namespace tandem
