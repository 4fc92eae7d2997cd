// The vendor's services with our clients of them: where most tests of pbx, resources and probes
// start.
#pragma once

#include <string>

#include "pbx/auth.h"
#include "pbx/confd.h"
#include "pbx/provd.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_http.h"
#include "tests/fakes/fake_vendor.h"

namespace tandem::fakes {

struct VendorWorld {
  FakeClock clock;
  FakeHttp http;
  FakeVendor vendor{http};
  Credentials credentials = FakeVendor::credentials();
  Auth auth{http, clock, FakeVendor::kAuth,
            [this]() -> Result<Credentials> { return credentials; }};
  Confd confd{http, auth, FakeVendor::kConfd};
  Provd provd{http, auth, FakeVendor::kProvd};

  // Whether `text` shows the password, what is made of it, a phone's password, or any token ever
  // given.
  bool shows_a_secret(const std::string& text) const {
    for (const std::string secret :
         {"s3cret+Pa55", "dGFuZGVtOnMzY3JldCtQYTU1", "0b5fa5d3-0000-4000-8000", "phone-password"})
      if (text.find(secret) != std::string::npos) return true;
    return false;
  }
};

}  // namespace tandem::fakes
