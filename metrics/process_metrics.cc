#include "metrics/process_metrics.h"

#include <prometheus/metric_family.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "metrics/families.h"

namespace tandem {
namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily family(std::string_view name, double value) {
  const MetricRow& row = metric_row(name);
  prometheus::ClientMetric metric;
  if (row.kind == MetricKind::counter)
    metric.counter.value = value;
  else
    metric.gauge.value = value;
  const auto type = row.kind == MetricKind::counter ? MetricType::Counter : MetricType::Gauge;
  return {std::string(name), std::string(row.help), type, {metric}};
}

// Fields of /proc/self/stat behind the program's name, which may hold blanks: proc(5), from field 3
// on.
std::vector<std::string> stat_fields() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  const auto end = line.rfind(')');
  if (end == std::string::npos) return {};
  std::istringstream rest(line.substr(end + 1));
  std::vector<std::string> fields;
  for (std::string field; rest >> field;) fields.push_back(field);
  return fields;
}

double boot_time_seconds() {
  std::ifstream file("/proc/stat");
  for (std::string word; file >> word;) {
    double value = 0;
    if (word == "btime" && file >> value) return value;
  }
  return 0;
}

double open_descriptors() {
  std::error_code error;
  double count = 0;
  for (std::filesystem::directory_iterator at("/proc/self/fd", error), end; !error && at != end;
       at.increment(error))
    ++count;
  return count;
}

}  // namespace

std::vector<MetricFamily> ProcessMetrics::Collect() const {
  std::vector<MetricFamily> all;
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  const auto fields = stat_fields();
  constexpr std::size_t kUserTime = 11, kSystemTime = 12, kStartTime = 19, kVirtual = 20,
                        kPages = 21;
  if (fields.size() > kPages) {
    const auto number = [&](std::size_t i) { return std::stod(fields[i]); };
    all.push_back(
        family("process_cpu_seconds_total", (number(kUserTime) + number(kSystemTime)) / ticks));
    all.push_back(
        family("process_start_time_seconds", boot_time_seconds() + number(kStartTime) / ticks));
    all.push_back(family("process_virtual_memory_bytes", number(kVirtual)));
    all.push_back(family("process_resident_memory_bytes",
                         number(kPages) * static_cast<double>(sysconf(_SC_PAGESIZE))));
  }
  all.push_back(family("process_open_fds", open_descriptors()));
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
    all.push_back(family("process_max_fds", static_cast<double>(limit.rlim_cur)));
  return all;
}

}  // namespace tandem
