#include "app/support_bundle.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <exception>

#include "app/blocking.h"
#include "app/documents.h"
#include "app/version.h"
#include "ports/tar_gz.h"

namespace tandem {
namespace {

using Json = nlohmann::ordered_json;

// The end of what is too long: what happened last matters most.
bool shorten(std::string& text, std::size_t most) {
  if (text.size() <= most) return false;
  text.erase(0, text.size() - most);
  return true;
}

// What one part throws costs that part alone.
Result<std::string> made_of(const BundlePart& part) {
  try {
    return part.make();
  } catch (const std::exception& error) {
    return Error{Fault::unavailable, error.what()};
  }
}

constexpr const char* kNotInIt =
    "the token of orders, passwords, private keys, paths of webhooks, arguments of programs in the "
    "declaration: they are masked in every file, by place and by value";

}  // namespace

Result<std::string> SupportBundle::pack(const std::vector<BundlePart>& parts,
                                        const Scrubber& scrubber) {
  TarGz archive;
  const WallTime now = clock_.wall();
  const Instant begun = clock_.now();
  Json listed = Json::array();
  std::size_t total = 0;
  for (const BundlePart& part : parts) {
    const Instant started = clock_.now();
    Result<std::string> made = Error{Fault::timed_out, "the time of the whole bundle had run out"};
    if (started - begun < kTimeMax) made = made_of(part);
    Json row = {{"file", part.name}, {"what", part.what}};
    row["milliseconds"] =
        std::chrono::duration_cast<std::chrono::milliseconds>(clock_.now() - started).count();
    if (!made.ok()) {
      const std::string why = scrubber.clean(made.error().message);
      row["missing"] = why;
      missing_.push_back(part.name + ": " + why);
      listed.push_back(std::move(row));
      continue;
    }
    // Scrubbed before it is cut, or a secret at the cut would be half there.
    std::string text = scrubber.clean(std::move(made).value());
    row["cut"] = shorten(text, std::min(kPartMax, kTotalMax - total));
    row["bytes"] = text.size();
    total += text.size();
    const Status added = archive.add(folder_ + "/" + part.name, text, now);
    if (!added.ok()) return added.error();
    listed.push_back(std::move(row));
  }
  Json manifest = {{"kind", "SupportBundle"},   {"node", node_},         {"time", rfc3339(now)},
                   {"version", kVersion},       {"revision", kRevision}, {"notInIt", kNotInIt},
                   {"files", std::move(listed)}};
  const std::string text =
      manifest.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  const Status added = archive.add(folder_ + "/manifest.json", text, now);
  if (!added.ok()) return added.error();
  return archive.finish();
}

Result<std::string> output_of(Process& programs, std::vector<std::string> argv,
                              std::chrono::milliseconds limit) {
  Command command;
  command.argv = std::move(argv);
  command.deadline = limit;
  command.output_max = SupportBundle::kPartMax;
  const std::string program = command.argv.front();
  boost::asio::io_context io(1);
  const auto outcome = run_to_end(io, programs.run(std::move(command)));
  if (!outcome.ok()) return outcome.error();
  const CommandOutcome& made = outcome.value();
  if (made.output.empty() && !made.succeeded())
    return Error{Fault::unavailable,
                 fmt::format("{} ended with {}: {}", program,
                             made.signal != 0 ? made.signal : made.exit_status, made.errors)};
  std::string text = made.output;
  if (made.output_cut) text += "\n(cut here)\n";
  if (!made.errors.empty()) text += "\n--- standard error\n" + made.errors;
  return text;
}

}  // namespace tandem
