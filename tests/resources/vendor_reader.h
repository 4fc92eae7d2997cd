// What the vendor's own programs make of the files on a node: sysconfd of ha.conf, cron of its
// folder, the failure detection of its sentinel. Written from the contract and from cron(8), not
// from our sources: it judges what we write.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "core/goal.h"
#include "tests/fakes/memory_filesystem.h"

namespace tandem {

struct VendorView {
  std::string told;     // by GET /get_ha_config: "master 10.0.0.2", "disabled", "an error"
  std::string copies;   // the address that the hourly copy overwrites; empty: there is none
  std::string syncs;    // the program that the same file starts for the files
  std::string watches;  // the address that decides over our services; empty: nothing does
  std::string idles;    // one that is watched, but without effect: is-secondary is missing
  std::set<std::string> sentinels;
  std::vector<std::string> complaints;  // of cron, and about what is not the vendor's

  bool operator==(const VendorView&) const = default;
};

class VendorReader {
 public:
  VendorReader(const fakes::MemoryFilesystem& disk, Product product)
      : disk_(disk), product_(product) {}

  VendorView read() {
    view_.told = told();
    for (const char* name : {"is-primary", "is-secondary"})
      if (disk_.files.contains(std::string("/var/lib/wazo/") + name)) view_.sentinels.insert(name);
    for (const auto& [path, file] : disk_.files)
      if (path.starts_with(kCronFolder)) cron_reads(path, file);
    return view_;
  }

 private:
  static constexpr std::string_view kCronFolder = "/etc/cron.d/";

  // sysconfd hands on whatever is in the file; only what it can not parse is an error.
  std::string told() const {
    const auto file = disk_.files.find("/etc/xivo/ha.conf");
    if (file == disk_.files.end()) return "disabled";
    const auto json = nlohmann::json::parse(file->second.content, nullptr, false);
    if (!json.is_object()) return "an error";
    const auto text = [&](const char* key) {
      return json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : "?";
    };
    return text("remote_address").empty() ? text("node_type")
                                          : text("node_type") + " " + text("remote_address");
  }

  // cron takes no name with another character than these, no file that its group or others may
  // write, and none whose last line does not end.
  void cron_reads(const std::string& path, const fakes::File& file) {
    const auto name = path.substr(kCronFolder.size());
    const bool taken = std::all_of(name.begin(), name.end(), [](unsigned char c) {
      return std::isalnum(c) != 0 || c == '_' || c == '-';
    });
    if (!taken || (file.mode & 0022U) != 0) return;
    if (!file.content.ends_with('\n')) return complain(path + " ends within a line");
    std::istringstream lines(file.content);
    for (std::string line; std::getline(lines, line);) job(path, line);
  }

  void job(const std::string& path, const std::string& line) {
    std::istringstream words(line);
    std::string at[5], user, command, address, more;
    for (std::string& field : at) words >> field;
    words >> user >> command >> address >> more;
    const bool hourly = at[0] == "0" && at[1] == "*", always = at[0] == "*" && at[1] == "*";
    if (user != "root") return complain(path + ": " + line);
    if (hourly && command == "/usr/sbin/xivo-master-slave-db-replication" && more == ">/dev/null")
      return note(view_.copies, address, path);
    if (hourly && command.ends_with("-sync") && address == ">/dev/null" && more.empty())
      return note(view_.syncs, command, path);
    if (always && command == "/usr/sbin/xivo-check-master-status" && more == ">/dev/null")
      return note(acts() ? view_.watches : view_.idles, address, path);
    complain(path + ": " + line);
  }

  // Wazo's detection does nothing without the sentinel; XiVO's has none.
  bool acts() const {
    return product_ == Product::xivo || disk_.files.contains("/var/lib/wazo/is-secondary");
  }

  void note(std::string& seen, const std::string& word, const std::string& path) {
    if (!seen.empty()) complain(path + ": a second job of its kind");
    seen = word;
  }
  void complain(const std::string& what) { view_.complaints.push_back(what); }

  const fakes::MemoryFilesystem& disk_;
  Product product_;
  VendorView view_;
};

inline VendorView as_the_vendor_reads(const fakes::MemoryFilesystem& disk, Product product) {
  return VendorReader(disk, product).read();
}

// What is wrong with a state between two: each program must see its old or its new order, or
// none, and no two of them may be at work for two roles. `own` is this node's address in both.
inline std::vector<std::string> misreadings(const VendorView& seen, const VendorView& before,
                                            const VendorView& after, const std::string& own) {
  std::vector<std::string> wrong = seen.complaints;
  const auto check = [&](const char* what, const std::string& is, const std::string& was,
                         const std::string& will, const std::string& nothing) {
    if (is != was && is != will && is != nothing)
      wrong.push_back(fmt::format("{} is '{}', was '{}', will be '{}'", what, is, was, will));
  };
  check("the role told", seen.told, before.told, after.told, "disabled");
  check("the target of the copy", seen.copies, before.copies, after.copies, "");
  check("the file copy", seen.syncs, before.syncs, after.syncs, "");
  check("the address watched", seen.watches, before.watches, after.watches, "");
  if (seen.copies.empty() != seen.syncs.empty()) wrong.emplace_back("half of the master's jobs");
  if (seen.sentinels.size() > 1) wrong.emplace_back("two roles' sentinels");
  if (!seen.copies.empty() && !(seen.watches + seen.idles).empty())
    wrong.emplace_back("two roles' jobs");
  if (seen.copies == own) wrong.emplace_back("copies onto itself");
  if (seen.watches == own || seen.idles == own) wrong.emplace_back("watches itself");
  return wrong;
}

// A job of one role is at work while ha.conf tells another. No program of the vendor's reads both,
// but a person does.
inline bool is_at_odds(const VendorView& seen) {
  return (!seen.copies.empty() && !seen.told.starts_with("master")) ||
         (!seen.watches.empty() && !seen.told.starts_with("slave"));
}

}  // namespace tandem
