// The host's folders of users' files.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "ports/descriptor.h"
#include "ports/spool.h"

namespace tandem {

// Needs Linux 5.6. A call blocks for as long as the disk takes, and copies of large files for
// longer: it belongs on a thread of its own, which `enough` ends between two pieces of a file.
class RealSpool : public Spool {
 public:
  struct Places {
    std::string root;     // the managed root, "/" for the host itself
    std::string top;      // of what is here: absolute, under the root, links followed within it
    std::string brought;  // on this host
    std::string lock;     // the name of a folder's lock
    std::chrono::milliseconds lock_wait{5000};
  };

  RealSpool(Places places, std::function<bool()> enough);

  Result<std::vector<SpoolEntry>> list(Side side, const std::string& folder) override;
  Result<SpoolEntry> look(Side side, const std::string& file) override;
  Result<std::string> read(Side side, const std::string& file) override;
  Result<std::string> digest(Side side, const std::string& file) override;
  Status make_folder(const std::string& folder) override;
  Result<std::string> copy_in(const std::string& file, const std::string& folder) override;
  Status give_name(const std::string& folder, const std::string& hidden,
                   const std::string& name) override;
  Status put_over(const std::string& folder, const std::string& hidden,
                  const std::string& name) override;
  Status keep_as(const std::string& folder, const std::string& name,
                 const std::string& second) override;
  Status drop(const std::string& folder, const std::string& hidden) override;
  Status sync(const std::string& folder) override;
  Status lock(const std::string& folder) override;
  Status unlock(const std::string& folder) override;
  Status clear_lock(const std::string& folder) override;

 private:
  Result<Descriptor> hold(Side side, const std::string& folder) const;
  Result<Descriptor> open_file(Side side, const std::string& file) const;
  Result<Descriptor> make_hidden(const Descriptor& folder, const std::string& shown,
                                 std::string& name) const;
  Status fill(const Descriptor& from, const Descriptor& to, const std::string& shown) const;
  Status take_lock(const Descriptor& folder, const std::string& hidden, const std::string& shown);
  std::string shown(Side side, const std::string& path) const;

  Places places_;
  std::function<bool()> enough_;
};

}  // namespace tandem
