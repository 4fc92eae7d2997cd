// A client on a network where one recorded answer is the only one but for its token.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "pbx/auth.h"
#include "pbx/confd.h"
#include "pbx/provd.h"
#include "pbx/provd_devices.h"
#include "tests/contracts/exchanges/recording.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_http.h"

namespace tandem::exchanges {

class ClientWorld {
 public:
  explicit ClientWorld(const Recording& recording);

  // This answer too, to this method at the same path.
  void also(const Recording& recording);

  // What was asked in the end: the path behind the host without the query, as it is recorded.
  std::string last_path() const;
  // The same of the recording, with the token that is presented here.
  static std::string recorded_path(const Recording& recording);
  // What any call of any client makes of the answer.
  Error refused(const Recording& recording);
  const HttpRequest& last_request() const { return http.sent.back(); }
  // Whether a text shows what nobody may see.
  bool shows_a_secret(const std::string& text) const;

  fakes::FakeClock clock;
  FakeHttp http;
  Auth auth;
  Confd confd;
  Provd provd;
  ProvdDevices devices;

 private:
  static std::string base(const Recording& recording, const std::string& service);

  const std::string host_;
};

}  // namespace tandem::exchanges
