// Includes point left, and files and functions keep their size: STYLE's shape, held by a test.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFileLinesMax = 400;
constexpr std::size_t kFunctionLinesMax = 60;

const std::map<std::string, std::set<std::string>>& allowed() {
  static const std::map<std::string, std::set<std::string>> table = {
      {"core", {"core"}},
      {"ports", {"core", "ports"}},
      {"pbx", {"core", "ports", "pbx"}},
      {"resources", {"core", "ports", "pbx", "resources"}},
      {"replication", {"core", "ports", "pbx", "replication"}},
      {"probes", {"core", "ports", "pbx", "probes"}},
      {"reconciler", {"core", "ports", "pbx", "resources", "replication", "probes", "reconciler"}},
      {"metrics",
       {"core", "ports", "pbx", "resources", "replication", "probes", "reconciler", "metrics"}},
      {"reference", {"core", "pbx", "reconciler", "metrics", "reference"}},
      {"app",
       {"core", "ports", "pbx", "resources", "replication", "probes", "reconciler", "metrics",
        "app"}},
  };
  return table;
}

std::vector<std::string> lines_of(const fs::path& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::vector<fs::path> sources_under(const std::string& folder) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(TANDEM_SOURCE_DIR) / folder)) {
    const auto extension = entry.path().extension();
    if (entry.is_regular_file() && (extension == ".cc" || extension == ".h"))
      paths.push_back(entry.path());
  }
  return paths;
}

bool is_ours(const std::string& folder) { return allowed().contains(folder) || folder == "tests"; }

TEST(Layering, IncludesPointLeft) {
  const std::regex include("^#include \"([a-z_]+)/[^\"]+\"");
  std::size_t seen = 0;
  for (const auto& [folder, left] : allowed())
    for (const auto& path : sources_under(folder))
      for (const auto& line : lines_of(path)) {
        std::smatch match;
        if (!std::regex_search(line, match, include) || !is_ours(match[1])) continue;
        ++seen;
        EXPECT_TRUE(left.contains(match[1])) << path << " includes " << match[1];
      }
  EXPECT_GT(seen, 100U) << "the sources were not found under " << TANDEM_SOURCE_DIR;
}

// The folders of replication, each with those that it may use.
TEST(Layering, ReplicationsIncludesPointUp) {
  const std::map<std::string, std::set<std::string>> below = {
      {"database", {"database"}},
      {"divergence", {"database", "divergence"}},
      {"stream", {"database", "stream"}},
      {"undo", {"database", "divergence", "stream", "undo"}},
      {"copy", {"database", "divergence", "undo", "stream", "copy"}},
      {"files", {"files"}},
      {"harvest", {"files", "harvest"}}};
  const std::regex include("^#include \"replication/([a-z_]+)/[^\"]+\"");
  for (const auto& [folder, allowed] : below)
    for (const auto& path : sources_under("replication/" + folder))
      for (const auto& line : lines_of(path)) {
        std::smatch match;
        if (!std::regex_search(line, match, include)) continue;
        EXPECT_TRUE(allowed.contains(match[1])) << path << " includes " << match[1];
      }
  for (const auto& entry : fs::directory_iterator(fs::path(TANDEM_SOURCE_DIR) / "replication"))
    EXPECT_TRUE(!entry.is_directory() || below.contains(entry.path().filename().string()))
        << entry.path() << " has no place in the order";
}

// Only app names the real ports; below it everybody sees the interfaces.
TEST(Layering, OnlyAppNamesConcretePorts) {
  const std::regex concrete(
      "^#include "
      "\"ports/"
      "(real_|cpprest_|beast_|pqxx_|libpq_|dbus_|system_bus|bus_|transient_|lock_file|sqlite_)");
  for (const std::string folder :
       {"core", "pbx", "resources", "replication", "probes", "reconciler", "metrics", "reference"})
    for (const auto& path : sources_under(folder))
      for (const auto& line : lines_of(path))
        EXPECT_FALSE(std::regex_search(line, concrete)) << path << ": " << line;
}

// A library that we keep behind an interface of ours is included in one folder.
TEST(Layering, LibrariesStayBehindTheirInterfaces) {
  const std::map<std::string, std::string> owner = {
      {"<cpprest/", "ports"}, {"<sdbus-c++/", "ports"},   {"<boost/beast", "ports"},
      {"<pqxx/", "ports"},    {"<sqlite3", "ports"},      {"<libpq", "ports"},
      {"<yaml-cpp/", "core"}, {"<prometheus/", "metrics"}};
  for (const auto& [folder, left] : allowed())
    for (const auto& path : sources_under(folder))
      for (const auto& line : lines_of(path))
        for (const auto& [library, home] : owner) {
          const bool included = line.starts_with("#include " + library);
          EXPECT_TRUE(!included || folder == home) << path << ": " << line;
        }
}

// Two types of one name in one namespace are one type to the linker, which keeps the members of
// either: nothing else finds that. What is in an unnamed namespace is its file's own.
// What each type of the sources below `folder` is called in full, and where it is defined; those of
// an unnamed namespace are nobody else's.
void for_each_type(const std::string& folder, const auto& told) {
  const std::regex opens("^namespace ([a-z_:]*)\\s?\\{");
  const std::regex defines("^(?:struct|class|enum|enum class) (\\w+)(?: final)?(?: :[^{]*)? \\{");
  for (const auto& path : sources_under(folder)) {
    std::vector<std::string> within;
    for (const auto& line : lines_of(path)) {
      std::smatch match;
      if (std::regex_search(line, match, opens)) {
        within.push_back(match[1]);
      } else if (line.starts_with("}  // namespace")) {
        if (!within.empty()) within.pop_back();
      } else if (std::regex_search(line, match, defines) &&
                 std::find(within.begin(), within.end(), "") == within.end()) {
        std::string name;
        for (const auto& part : within) name += part + "::";
        told(name + match[1].str(), path);
      }
    }
  }
}

TEST(Layering, NoTwoTypesShareAName) {
  std::map<std::string, fs::path> homes;
  for (const auto& [folder, left] : allowed())
    for_each_type(folder, [&](const std::string& name, const fs::path& path) {
      const auto [at, added] = homes.emplace(name, path);
      EXPECT_TRUE(added) << name << " of " << path << " is defined in " << at->second;
    });
  EXPECT_GT(homes.size(), 300U);
  // A test's types are linked with the program's.
  for_each_type("tests", [&](const std::string& name, const fs::path& path) {
    const auto at = homes.find(name);
    EXPECT_TRUE(at == homes.end()) << name << " of " << path << " is a type of the program";
  });
}

// Programs are run by argv. A line that names a shell has its reason here, by file and what it
// says.
TEST(Layering, NothingPassesThroughAShell) {
  const std::map<std::string, std::string> justified = {
      {"ports/real_activity.cc", "tells what runs on the node, an interpreter with its script"},
      {"app/completion/completion.cc", "the shell that a completion is printed for"}};
  const std::regex shell(
      R"re((^|[^\w.>])(std::)?(system|popen|wordexp|execlp|execvp|execvpe)\s*\()re"
      R"re(|"(/usr)?(/bin/)?(sh|bash|dash|zsh)"|"-l?c")re");
  std::set<std::string> seen;
  for (const auto& [folder, left] : allowed())
    for (const auto& path : sources_under(folder)) {
      const auto name = fs::relative(path, TANDEM_SOURCE_DIR).string();
      for (const auto& line : lines_of(path)) {
        if (line.find("//") < line.find_first_not_of(' ') + 1) continue;
        if (!std::regex_search(line, shell)) continue;
        seen.insert(name);
        EXPECT_TRUE(justified.contains(name)) << name << ": " << line;
      }
    }
  for (const auto& [name, why] : justified)
    EXPECT_TRUE(seen.contains(name)) << name << " needs no reason any more";
}

TEST(Layering, FilesKeepTheirSize) {
  for (const std::string folder : {"core", "ports", "pbx", "resources", "replication", "probes",
                                   "reconciler", "metrics", "reference", "app", "tests"})
    for (const auto& path : sources_under(folder))
      EXPECT_LE(lines_of(path).size(), kFileLinesMax) << path;
}

// clang-format puts the closing brace of a top-level function at the start of a line, and its
// opening line neither indents nor ends with a semicolon.
TEST(Layering, FunctionsKeepTheirSize) {
  for (const auto& [folder, left] : allowed())
    for (const auto& path : sources_under(folder)) {
      std::size_t number = 0, begin = 0;
      for (const auto& line : lines_of(path)) {
        ++number;
        if (!line.empty() && line[0] != ' ' && line.ends_with("{") &&
            line.find('(') != std::string::npos)
          begin = number;
        if (begin != 0 && line == "}") {
          EXPECT_LE(number - begin + 1, kFunctionLinesMax) << path << ":" << begin;
          begin = 0;
        }
      }
    }
}

}  // namespace
