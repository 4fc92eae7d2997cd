// The families of notifications.
#pragma once

#include <prometheus/registry.h>

#include <map>
#include <memory>
#include <string>

#include "reconciler/notify/notify_told.h"

namespace tandem {

class NotifyMetrics {
 public:
  // Every series exists from here on, as 0.
  explicit NotifyMetrics(prometheus::Registry& registry);
  ~NotifyMetrics();

  void notified(const NotifyTold& told);
  // Notices that wait now, by channel.
  void show(const std::map<std::string, std::size_t>& waiting);

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

}  // namespace tandem
