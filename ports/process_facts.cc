#include "ports/process_facts.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <system_error>
#include <vector>

namespace tandem {
namespace {

// Fields of /proc/PID/stat, counted from the third.
constexpr std::size_t kState = 0;
constexpr std::size_t kGroup = 2;
constexpr std::size_t kStart = 19;
constexpr std::size_t kFieldsWanted = kStart + 1;

// Empty where there is no such process, or it has ended.
std::vector<std::string> fields_of(const std::string& pid) {
  std::ifstream file("/proc/" + pid + "/stat", std::ios::binary);
  const std::string stat{std::istreambuf_iterator<char>(file), {}};
  // The second field is a name in brackets that may hold anything.
  const auto name_end = stat.rfind(')');
  if (name_end == std::string::npos) return {};
  std::istringstream rest(stat.substr(name_end + 1));
  std::vector<std::string> fields;
  for (std::string word; fields.size() < kFieldsWanted && rest >> word;) fields.push_back(word);
  const bool runs =
      fields.size() == kFieldsWanted && fields[kState] != "Z" && fields[kState] != "X";
  return runs ? fields : std::vector<std::string>{};
}

bool is_number(const std::string& name) {
  return std::ranges::all_of(name, [](char letter) { return letter >= '0' && letter <= '9'; });
}

}  // namespace

std::string start_of(pid_t pid) {
  const auto fields = fields_of(std::to_string(pid));
  return fields.empty() ? "" : fields[kStart];
}

bool group_runs(pid_t group) {
  if (kill(-group, 0) != 0 && errno == ESRCH) return false;
  const std::string wanted = std::to_string(group);
  std::error_code failed;
  for (std::filesystem::directory_iterator at("/proc", failed), end; !failed && at != end;
       at.increment(failed)) {
    const std::string name = at->path().filename();
    if (!is_number(name)) continue;
    const auto fields = fields_of(name);
    if (!fields.empty() && fields[kGroup] == wanted) return true;
  }
  return false;
}

}  // namespace tandem
