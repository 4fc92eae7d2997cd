#include "ports/cpprest_http.h"

// A failed pplx task that nobody looked at would end the process; ours are all looked at.
#define _REPORT_PPLTASK_UNOBSERVED_EXCEPTION() ((void)0)
#include <cpprest/containerstream.h>
#include <cpprest/http_client.h>
#include <openssl/crypto.h>
#include <pplx/threadpool.h>

#include <algorithm>
#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <mutex>
#include <set>
#include <stdexcept>
#include <vector>

#include "core/url.h"
#include "ports/http_exchange.h"
#include "ports/http_mailbox.h"
#include "ports/http_trouble.h"
#include "ports/http_wire.h"

namespace tandem {

namespace asio = boost::asio;
namespace rest = web::http;
using asio::ip::address_v4;
using asio::ip::tcp;
using std::chrono::steady_clock;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kRequestsMax = 64;         // under way at once
constexpr std::size_t kChannelsMax = 16;         // idle, kept for the next request to their origin
constexpr std::size_t kOriginChannelsMax = 4;    // of these, to one origin
constexpr std::size_t kHeadersMax = 64U << 10U;  // of an answer, all together
constexpr std::uint64_t kOverheadMax = 1U << 20U;  // on the wire, beside twice the body
constexpr auto kFloodCheckPeriod = 20ms;
constexpr auto kProbeMax = 1s;

// A client and its connection, lent to one request at a time. cpprest's own copy of the
// configuration shares the wire, so that it lives as long as any callback.
struct Channel {
  std::string origin;
  std::string certificate_name;
  address_v4 address;
  std::shared_ptr<Wire> wire;
  rest::client::http_client client;
};

auto to(const std::string& origin, const std::string& certificate_name, const address_v4& address) {
  return [origin, certificate_name, address](const Channel& channel) {
    return channel.origin == origin && channel.certificate_name == certificate_name &&
           channel.address == address;
  };
}

// cpprest gets the address and never a name: it looks up all names of all its clients one after the
// other, so that one dead name server would stop every request, even those to 127.0.0.1.
Channel open_channel(const Url& url, const address_v4& address, const TlsRules& rules) {
  const auto wire = std::make_shared<Wire>();
  const bool tls = url.scheme == "https";
  rest::client::http_client_config config;
  config.set_timeout(std::chrono::hours(24));  // the deadline is ours
  config.set_max_redirects(0);                 // they would carry the token to another host
  config.set_ssl_context_callback(
      [wire, rules](asio::ssl::context& context) { wire->set_up_tls(context, rules); });
  config.set_nativehandle_options([wire, tls](rest::client::native_handle handle) {
    using TlsStream = asio::ssl::stream<tcp::socket&>;
    auto& socket =
        tls ? static_cast<TlsStream*>(handle)->next_layer() : *static_cast<tcp::socket*>(handle);
    wire->look_at(socket, tls);
  });
  const auto base = url.scheme + "://" + address.to_string() + ":" + std::to_string(url.port);
  return {url.origin(), rules.name, address, wire, rest::client::http_client(base, config)};
}

// The methods that do no harm when they are carried out twice.
const std::set<std::string> kMayHappenTwice{"GET", "HEAD", "PUT", "DELETE", "OPTIONS"};

rest::http_request translate(const HttpRequest& request, const Url& url,
                             const address_v4& address) {
  rest::http_request result(request.method);
  result.set_request_uri(url.query.empty() ? url.path : url.path + "?" + url.query);
  const auto type = request.headers.find("Content-Type");
  if (!request.body.empty())
    result.set_body(request.body,
                    type == request.headers.end() ? "application/octet-stream" : type->second);
  result.headers()["User-Agent"] = "tandem";
  for (const auto& [name, value] : request.headers) result.headers()[name] = value;
  // With TLS cpprest takes this for the name in the certificate, so it cannot have the port.
  if (!request.certificate_name.empty() && url.scheme == "https")
    result.headers()["Host"] = request.certificate_name;
  else if (url.host != address.to_string())
    result.headers()["Host"] =
        url.scheme == "https" ? url.host : url.host + ":" + std::to_string(url.port);
  return result;
}

struct TooLarge : std::exception {};
struct NoHttp : std::exception {};

HttpResponse read_reply(const rest::http_response& response, const std::vector<std::uint8_t>& body,
                        std::size_t body_max) {
  if (response.status_code() < 200) throw NoHttp();  // an interim answer; we never ask for one
  HttpResponse result;
  result.status = response.status_code();
  std::size_t size = 0;
  for (const auto& [name, value] : response.headers()) {
    size += name.size() + value.size();
    result.headers[name] = value;
  }
  if (size > kHeadersMax || body.size() > body_max) throw TooLarge();
  result.body.assign(body.begin(), body.end());
  return result;
}

// Never throws: cpprest ends the process where nobody looks at what becomes of a body.
std::optional<HttpResponse> head_of(const rest::http_response& response) {
  try {
    return read_reply(response, {}, 0);
  } catch (...) {
    return std::nullopt;
  }
}

Trouble trouble_of(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const StaleConnection&) {
    return {Trouble::Kind::stale, {}, 0};
  } catch (const TooLarge&) {
    return {Trouble::Kind::too_large, {}, 0};
  } catch (const NoHttp&) {
    return {Trouble::Kind::no_http, {}, 0};
  } catch (const UnreadableCaFile&) {
    return {Trouble::Kind::ca_file, {}, 0};
  } catch (const UnusableIdentity&) {
    return {Trouble::Kind::identity, {}, 0};
  } catch (const rest::http_exception& error) {
    return {Trouble::Kind::library, error.what(), error.error_code().value()};
  } catch (...) {
    return {};
  }
}

// Looks at the size of a body as it comes in. What it throws ends the request, before cpprest acts
// on the number: a chunk may have a negative size, and cpprest would write past its buffer.
class Meter {
 public:
  explicit Meter(std::size_t limit) : limit_(limit) {}

  void operator()(rest::message_direction::direction way, utility::size64_t bytes) {
    if (way != rest::message_direction::download) return;
    if (bytes > limit_) throw TooLarge();
    if (bytes < seen_) throw NoHttp();
    seen_ = bytes;
  }

 private:
  utility::size64_t limit_;
  utility::size64_t seen_ = 0;
};

// Starts the request. What comes of it, on cpprest's threads, goes to `exchange` through the
// mailbox.
void start(const std::shared_ptr<Exchange>& exchange, const std::shared_ptr<Mailbox>& mailbox,
           rest::client::http_client& client, rest::http_request request, std::size_t body_max) {
  request.set_progress_handler(Meter(body_max));
  const concurrency::streams::container_buffer<std::vector<std::uint8_t>> sink;
  request.set_response_stream(sink.create_ostream());
  client.request(request)
      .then([exchange, mailbox](const rest::http_response& response) {
        mailbox->post([exchange, head = head_of(response)] { exchange->head = head; });
        return response.content_ready();
      })
      .then([exchange, mailbox, sink, body_max](const pplx::task<rest::http_response>& done) {
        Reply reply;
        try {
          const auto response = done.get();
          reply = read_reply(response, sink.collection(), body_max);
        } catch (...) {
          reply = tl::unexpected(trouble_of(std::current_exception()));
        }
        mailbox->post([exchange, reply = std::move(reply)]() mutable {
          exchange->reply = std::move(reply);
          exchange->wake();
        });
      });
}

}  // namespace

// What a request under way shares with its CpprestHttp, which may be gone first.
struct CpprestHttp::State {
  State(asio::io_context& context, TlsRules general)
      : io(context), rules(std::move(general)), mailbox(std::make_shared<Mailbox>(context)) {}

  TlsRules rules_for(const HttpRequest& request) const {
    TlsRules result = rules;
    result.name = request.certificate_name;
    return result;
  }
  Channel lend(const Url& url, const address_v4& address, const TlsRules& own, bool fresh);
  void give_back(Channel channel);

  asio::io_context& io;
  TlsRules rules;
  std::shared_ptr<Mailbox> mailbox;
  std::vector<Channel> idle;  // the longest idle first
  std::set<Exchange*> under_way;
  bool closed = false;

  static Task<Result<HttpResponse>> send(std::shared_ptr<State> state, HttpRequest request);
};

Channel CpprestHttp::State::lend(const Url& url, const address_v4& address, const TlsRules& own,
                                 bool fresh) {
  const auto fits = to(url.origin(), own.name, address);
  const auto found = std::find_if(idle.rbegin(), idle.rend(), fits);
  if (fresh || found == idle.rend()) return open_channel(url, address, own);
  Channel channel = std::move(*found);
  idle.erase(std::next(found).base());
  return channel;
}

void CpprestHttp::State::give_back(Channel channel) {
  const auto same = std::count_if(idle.begin(), idle.end(),
                                  to(channel.origin, channel.certificate_name, channel.address));
  if (closed || static_cast<std::size_t>(same) >= kOriginChannelsMax) return;
  if (idle.size() == kChannelsMax) idle.erase(idle.begin());
  idle.push_back(std::move(channel));
}

namespace {

// Lets go of the connection, or ends it where no reply has come.
struct Release {
  ~Release() { exchange.reply ? wire.look_away() : wire.cut(); }
  const Exchange& exchange;
  Wire& wire;
};

tl::unexpected<Trouble> trouble(Trouble::Kind kind) { return tl::unexpected(Trouble{kind, {}, 0}); }

using Address = tl::expected<address_v4, Trouble>;

Task<Address> find_address(std::shared_ptr<Exchange> exchange, const Url& url,
                           asio::steady_timer& timer, steady_clock::time_point deadline) {
  boost::system::error_code error;
  const auto numeric = asio::ip::make_address_v4(url.host, error);
  if (!error) co_return numeric;
  tcp::resolver resolver(timer.get_executor());
  resolver.async_resolve(
      tcp::v4(), url.host, "", [exchange](boost::system::error_code failed, const auto& found) {
        const bool none = failed || found.empty();
        exchange->address = none ? address_v4() : found->endpoint().address().to_v4();
        exchange->wake();
      });
  timer.expires_at(deadline);
  while (!exchange->address && !exchange->cancelled && steady_clock::now() < deadline)
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
  if (exchange->cancelled) co_return trouble(Trouble::Kind::cancelled);
  if (!exchange->address) co_return trouble(Trouble::Kind::timed_out);
  if (exchange->address->is_unspecified()) co_return trouble(Trouble::Kind::no_address);
  co_return *exchange->address;
}

Task<Reply> wait_for_reply(std::shared_ptr<Exchange> exchange, Wire& wire, std::uint64_t wire_max,
                           asio::steady_timer& timer, steady_clock::time_point deadline) {
  const Release at_the_end{*exchange, wire};
  boost::system::error_code ignored;
  while (!exchange->reply && !exchange->cancelled && steady_clock::now() < deadline) {
    if (wire.received() > wire_max) co_return trouble(Trouble::Kind::too_large);
    timer.expires_at(std::min(deadline, steady_clock::now() + kFloodCheckPeriod));
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  if (exchange->cancelled) co_return trouble(Trouble::Kind::cancelled);
  if (!exchange->reply) co_return trouble(Trouble::Kind::timed_out);
  co_return *exchange->reply;
}

}  // namespace

Task<Result<HttpResponse>> CpprestHttp::State::send(std::shared_ptr<State> state,
                                                    HttpRequest request) {
  const auto deadline = steady_clock::now() + request.deadline;
  const auto parsed = parse_url(request.url);
  if (!parsed.ok()) co_return parsed.error();
  const Url& url = parsed.value();
  const auto where = url.origin() + url.path;
  const auto checked = check(request, url);
  if (!checked.ok()) co_return in_context(where, checked.error());
  if (state->under_way.size() >= kRequestsMax)
    co_return Error{Fault::unavailable, where + ": too many requests under way"};

  asio::steady_timer timer(state->io);
  const auto exchange = std::make_shared<Exchange>();
  const Presence presence(state->under_way, *exchange, timer);
  const auto address = co_await find_address(exchange, url, timer, deadline);
  if (!address) co_return in_context(where, explain(address.error(), request, ""));

  // On a kept connection that closes before the answer cpprest sends a request once more, unasked.
  // What must not happen twice gets a new connection.
  const bool fresh = !kMayHappenTwice.contains(request.method);
  const auto wire_max = 2 * std::uint64_t{request.body_max} + kOverheadMax;
  const auto rules = state->rules_for(request);
  Channel channel = state->lend(url, *address, rules, fresh);
  start(exchange, state->mailbox, channel.client, translate(request, url, *address),
        request.body_max);
  Reply reply = co_await wait_for_reply(exchange, *channel.wire, wire_max, timer, deadline);
  if (!reply && reply.error().kind == Trouble::Kind::stale) {
    channel = open_channel(url, *address, rules);
    exchange->reply.reset();
    start(exchange, state->mailbox, channel.client, translate(request, url, *address),
          request.body_max);
    reply = co_await wait_for_reply(exchange, *channel.wire, wire_max, timer, deadline);
  }
  if (reply) {
    state->give_back(std::move(channel));
    co_return std::move(*reply);
  }
  if (request.head_is_enough && exchange->head) co_return std::move(*exchange->head);
  if (did_not_connect(reply.error())) {
    const tcp::endpoint peer(*address, url.port);
    const auto why =
        co_await connect_again(peer, std::min(deadline, steady_clock::now() + kProbeMax));
    if (why) co_return in_context(where, *why);
  }
  if (const auto rejected = channel.wire->rejection(); !rejected.empty())
    co_return Error{Fault::bad_certificate,
                    where + ": the other side refuses our certificate: " + rejected};
  co_return in_context(where, explain(reply.error(), request, channel.wire->refusal()));
}

CpprestHttp::CpprestHttp(asio::io_context& io, std::optional<std::string> ca_file)
    : state_(std::make_shared<State>(io, TlsRules{std::move(ca_file), "", "", ""})) {}

CpprestHttp::CpprestHttp(asio::io_context& io, TlsFiles files)
    : state_(std::make_shared<State>(io, TlsRules{std::move(files.ca), std::move(files.certificate),
                                                  std::move(files.key), ""})) {}

CpprestHttp::~CpprestHttp() {
  state_->closed = true;
  cancel_all();
  state_->mailbox->close();
  state_->idle.clear();
}

Task<Result<HttpResponse>> CpprestHttp::send(HttpRequest request) {
  return State::send(state_, std::move(request));
}

void CpprestHttp::cancel_all() {
  for (auto* const exchange : state_->under_way) {
    exchange->cancelled = true;
    exchange->wake();
  }
}

void limit_http_threads(int threads) {
  // cpprest's threads end after OpenSSL's own handler at exit, which would take away what they use.
  OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr);
  try {
    crossplat::threadpool::initialize_with_threads(static_cast<std::size_t>(std::max(threads, 1)));
  } catch (const std::runtime_error&) {
    // The pool is there already.
  }
}

}  // namespace tandem
