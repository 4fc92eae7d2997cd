#include "ports/http_stream.h"

#include <utility>

namespace tandem {

bool ServedStream::put(std::string_view bytes) {
  if (over_) return false;
  if (waiting() + bytes.size() > kWaitingMax) {
    end();
    return false;
  }
  waiting_ += bytes;
  if (on_put_) on_put_();
  return true;
}

std::string ServedStream::take() {
  in_flight_ += waiting_.size();
  return std::exchange(waiting_, {});
}

void ServedStream::sent() {
  in_flight_ = 0;
  if (waiting_.empty() && on_sent_) on_sent_();
}

void ServedStream::end() {
  if (over_) return;
  over_ = true;
  if (on_put_) on_put_();
  if (on_sent_) on_sent_();
}

}  // namespace tandem
