// What confd, provd and auth answer: "STATUS CALL\nBODY" is the answer to one of the calls.
#include "pbx/answer.h"
#include "pbx/auth.h"
#include "pbx/confd.h"
#include "pbx/provd.h"
#include "pbx/provd_devices.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_http.h"
#include "tests/fuzz/targets.h"
#include "tests/run.h"

namespace tandem::fuzz {
namespace {

constexpr const char* kPassword = "the-password";
constexpr const char* kToken = "3f4a9c1e-0000-4000-8000-00000000abcd";

// No message tells the secret that was sent, whatever the service repeats.
template <class T>
void check(const Result<T>& result, std::string_view sent = kToken) {
  if (result.ok()) return;
  require(!result.error().message.empty());
  require(sent.empty() || result.error().message.find(sent) == std::string::npos);
  require(result.error().message.find('\n') == std::string::npos);
}

struct Vendor {
  explicit Vendor(HttpResponse response) {
    const auto own = R"({"data": {"token": ")" + std::string(kToken) + R"("}})";
    http.on("", "http://c", response);
    http.on("", "http://p", response);
    http.on("", "http://a", response);
    http.on("POST", "http://a/token", HttpResponse{200, {}, own});
  }

  boost::asio::io_context io;
  FakeHttp http;
  fakes::FakeClock clock;
  Auth auth{http, clock, "http://a", [] {
              return Result<Credentials>(Credentials{"u", kPassword});
            }};
  Confd confd{http, auth, "http://c"};
  Provd provd{http, auth, "http://p"};
  ProvdDevices devices{http, auth, "http://p/0.2"};
};

void call(Vendor& vendor, char which) {
  auto& io = vendor.io;
  switch (which) {
    case 'a': return check(run(io, vendor.confd.registrars()));
    case 'b': return check(run(io, vendor.confd.global_templates()));
    case 'c': return check(run(io, vendor.confd.sip_general()));
    case 'd': return check(run(io, vendor.confd.sip_trunks()));
    case 'e': return check(run(io, vendor.confd.registration("1")));
    case 'f': return check(run(io, vendor.confd.wizard()), "");  // it sends none
    case 'g': return check(run(io, vendor.confd.infos()));
    case 'h': return check(run(io, vendor.provd.registrars()));
    case 'i': return check(run(io, vendor.provd.registrar_copies()));
    case 'j': return check(run(io, vendor.provd.installed_plugins()));
    case 'k': return check(run(io, vendor.devices.devices()));
    case 'l': return check(run(io, vendor.devices.operation("/dev_mgr/synchronize/7")));
    case 'm': return check(run(io, vendor.auth.tenants()));
    case 'n': return check(run(io, vendor.auth.check_scopes({"confd.infos.read"})));
    case 'o': return check(run(io, vendor.confd.sip_template("1")));
    default: return check(run(io, vendor.confd.live_reload()));
  }
}

}  // namespace

void vendor_answer(std::string_view text) {
  if (text.size() < 4) return;
  const int statuses[] = {200, 201, 204, 302, 400, 401, 404, 500, 503};
  const int status = statuses[static_cast<unsigned char>(text[0]) % std::size(statuses)];
  HttpResponse response{status, {}, std::string(text.substr(3))};
  static_cast<void>(operation_state(response.body));
  // The same as the answer to the question for a token.
  Vendor vendor(response);
  call(vendor, text[1]);
  if (text[2] != 't') return;
  vendor.auth.forget(kToken);
  vendor.http.on("POST", "http://a/token", response);
  check(run(vendor.io, vendor.auth.token()), kPassword);
}

}  // namespace tandem::fuzz
