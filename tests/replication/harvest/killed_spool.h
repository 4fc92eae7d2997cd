// A Spool that dies before or after one of its calls.
#pragma once

#include <string>
#include <type_traits>
#include <vector>

#include "ports/spool.h"
#include "tests/fakes/guillotine.h"

namespace tandem::harvest {

class KilledSpool : public Spool {
 public:
  KilledSpool(Spool& spool, fakes::Guillotine& guillotine)
      : spool_(spool), guillotine_(guillotine) {}

  Result<std::vector<SpoolEntry>> list(Side side, const std::string& folder) override {
    return spool_.list(side, folder);
  }
  Result<SpoolEntry> look(Side side, const std::string& file) override {
    return spool_.look(side, file);
  }
  Result<std::string> read(Side side, const std::string& file) override {
    return spool_.read(side, file);
  }
  Result<std::string> digest(Side side, const std::string& file) override {
    return spool_.digest(side, file);
  }
  Status make_folder(const std::string& folder) override {
    return around("make_folder " + folder, [&] { return spool_.make_folder(folder); });
  }
  Result<std::string> copy_in(const std::string& file, const std::string& folder) override {
    return around("copy_in " + file, [&] { return spool_.copy_in(file, folder); });
  }
  Status give_name(const std::string& folder, const std::string& hidden,
                   const std::string& name) override {
    return around("give_name " + name, [&] { return spool_.give_name(folder, hidden, name); });
  }
  Status put_over(const std::string& folder, const std::string& hidden,
                  const std::string& name) override {
    return around("put_over " + name, [&] { return spool_.put_over(folder, hidden, name); });
  }
  Status keep_as(const std::string& folder, const std::string& name,
                 const std::string& second) override {
    return around("keep_as " + name, [&] { return spool_.keep_as(folder, name, second); });
  }
  Status drop(const std::string& folder, const std::string& hidden) override {
    return around("drop " + hidden, [&] { return spool_.drop(folder, hidden); });
  }
  Status sync(const std::string& folder) override {
    return around("sync " + folder, [&] { return spool_.sync(folder); });
  }
  Status lock(const std::string& folder) override {
    return around("lock " + folder, [&] { return spool_.lock(folder); });
  }
  Status unlock(const std::string& folder) override {
    return around("unlock " + folder, [&] { return spool_.unlock(folder); });
  }
  Status clear_lock(const std::string& folder) override {
    return around("clear_lock " + folder, [&] { return spool_.clear_lock(folder); });
  }

 private:
  template <class Call>
  std::invoke_result_t<Call> around(const std::string& what, Call call) {
    guillotine_.moment("before " + what);
    auto done = call();
    guillotine_.moment("after " + what);
    return done;
  }

  Spool& spool_;
  fakes::Guillotine& guillotine_;
};

}  // namespace tandem::harvest
