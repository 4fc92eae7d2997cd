// Whether an answer is the recorded one, but for what differs from run to run.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/contracts/exchanges/recording.h"

namespace tandem::exchanges {

// What the services made up at random while they were recorded, and what stands in its place in
// this run. The first answer that shows one binds it; from then on it must be the same.
class Bindings {
 public:
  // `text` with all that is bound in place of what was recorded.
  std::string applied(std::string text) const;
  // Whether `got` may stand for `recorded`: then it does from now on.
  bool bind(const std::string& recorded, const std::string& got);
  // What stands for it by the test's own doing.
  void set(const std::string& recorded, const std::string& actual) { actual_[recorded] = actual; }

 private:
  std::map<std::string, std::string> actual_;
};

class Likeness {
 public:
  // `token`: what was sent in place of "<token>", "" if nothing was.
  Likeness(Bindings& bindings, std::string token) : bindings_(bindings), token_(std::move(token)) {}

  void compare_documents(const Json& recorded, const Json& got, const std::string& where);
  void compare_texts(const std::string& recorded, const std::string& got, const std::string& where);
  // Only those that a client may look at. A body that is chunked has no length.
  void compare_headers(const Recording& recording, const Headers& got);

  // One sentence for each difference; none: they are alike.
  const std::vector<std::string>& differences() const { return differences_; }

 private:
  void note(const std::string& where, const std::string& recorded, const std::string& got);
  void compare_objects(const Json& recorded, const Json& got, const std::string& where);
  void compare_lists(Json recorded, Json got, const std::string& where);

  Bindings& bindings_;
  const std::string token_;
  std::vector<std::string> differences_;
};

}  // namespace tandem::exchanges
