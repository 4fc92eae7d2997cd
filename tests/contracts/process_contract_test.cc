// The contract of Process, held by children of this program.
#include "tests/contracts/process_contract.h"

#include "ports/real_process.h"

namespace tandem {
namespace {

struct Children {
  // How a job ended that an operator before us began is not told to anybody.
  static constexpr bool kKnowsTheEnd = false;

  struct Operator {
    explicit Operator(const std::string& jobs) : programs(jobs) {}
    Process& process() { return programs; }

    boost::asio::io_context io;
    RealProcess programs;
  };

  std::unique_ptr<Operator> make_operator() const {
    return std::make_unique<Operator>(folder / "jobs");
  }
  std::string inside(const std::string& name) const { return folder / name; }
  std::string outside(const std::string& name) const { return folder / name; }
  bool runs(const std::string& pid) const {
    const auto state = content_of("/proc/" + pid + "/stat");
    return !state.empty() && state.find(") Z") == std::string::npos;  // init reaps it, or does not
  }
  void end(const std::string& pid) const { kill(std::stoi(pid), SIGKILL); }

  TemporaryFolder folder;
};

INSTANTIATE_TYPED_TEST_SUITE_P(ProcessContractOfChildren, ProcessContract, Children);

}  // namespace
}  // namespace tandem
