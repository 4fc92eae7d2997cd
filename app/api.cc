#include "app/api.h"

#include <fmt/format.h>

#include <boost/asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>

#include "app/answers.h"
#include "app/documents.h"
#include "app/failover_document.h"
#include "app/fingerprint.h"
#include "app/history_documents.h"
#include "app/host_check.h"
#include "app/night_document.h"
#include "app/notify_service.h"
#include "app/openapi.h"
#include "app/order_body.h"
#include "app/replication_document.h"
#include "app/replication_service.h"
#include "app/secrets.h"
#include "app/status_page.h"
#include "core/changed_fields.h"
#include "core/goal.h"
#include "core/history.h"
#include "core/json_text.h"
#include "reconciler/failover/bound.h"
#include "reconciler/role_change.h"

namespace tandem {
namespace {

struct Check {
  const char* name;
  bool good;
};

// As the Kubernetes endpoints do: 200 or 503; the list of checks with ?verbose or where one fails.
ServedResponse health(const std::vector<Check>& checks, const std::string& query) {
  std::string lines;
  bool good = true;
  for (const Check& check : checks) {
    lines += fmt::format("[{}]{} {}\n", check.good ? '+' : '-', check.name,
                         check.good ? "ok" : "failed");
    good = good && check.good;
  }
  if (good && query != "verbose") return text(200, "ok\n");
  return text(good ? 200 : 503, lines + (good ? "ok\n" : "not ok\n"));
}

constexpr const char* kReadPaths[] = {"/",
                                      "/api",
                                      "/livez",
                                      "/readyz",
                                      "/metrics",
                                      "/api/v1/pair",
                                      "/api/v1/plan",
                                      EventHub::kPath,
                                      "/openapi.json",
                                      ReplicationApi::kPath,
                                      UndoApi::kPath,
                                      DivergenceApi::kPath};
constexpr const char* kOrderPaths[] = {"/api/v1/actions/apply", DivergenceApi::kAction,
                                       NotifyService::kAction};

// Of notices that wait to be told, by channel.
std::map<std::string, std::size_t> waiting_by_channel(const Notifier& notifier) {
  std::map<std::string, std::size_t> waiting;
  for (const Notifier::Standing& one : notifier.standings()) waiting[one.kind] += one.waiting;
  return waiting;
}

bool is_one_of(const std::string& path, const auto& paths) {
  return std::find(std::begin(paths), std::end(paths), path) != std::end(paths);
}

Result<ApplyOrder> order_of_body(const std::string& body) {
  const auto json = read_json(body.empty() ? "{}" : body);
  if (!json.is_object()) return Error{Fault::invalid, "the body must be a JSON object"};
  ApplyOrder order;
  for (const auto& [key, value] : json.items()) {
    if (key == "now" && value.is_boolean())
      order.beyond_allowed = value.get<bool>();
    else if (key == "structural" && value.is_boolean())
      order.structural = value.get<bool>();
    else if (key == "reason" && value.is_string() &&
             value.get_ref<const std::string&>().size() <= kApplyReasonMax)
      order.reason = one_line(value.get<std::string>(), kApplyReasonMax);
    else
      return Error{Fault::invalid,
                   "must have only: now (boolean), structural (boolean), reason "
                   "(text of at most 500 bytes)"};
  }
  if (order.structural && order.reason.empty())
    return Error{Fault::invalid, "a structural order must have a reason"};
  return order;
}

std::optional<CopyKeepers> keepers_of(ReplicationService* replication) {
  if (replication == nullptr) return std::nullopt;
  return replication->keepers();
}

}  // namespace

OperatorApi::OperatorApi(ApiParts parts)
    : parts_(std::move(parts)),
      replication_(keepers_of(parts_.replication), parts_.clock),
      undo_(parts_.replication == nullptr ? nullptr : &parts_.replication->undo(), parts_.clock),
      divergence_(parts_.replication == nullptr ? nullptr : &parts_.replication->divergence(),
                  parts_.clock) {}

// The other node asks by its certificate, at a pace of its own, and is never kept waiting. Nor is
// who has the token of orders, or this host's watch over the operator: any process here may use up
// what the others share.
Task<ServedResponse> OperatorApi::answer(ServedRequest request) {
  const bool peer = request.over_tls && parts_.peer != nullptr && PeerApi::has(request.path);
  const bool watch =
      request.from_loopback && (request.path == "/livez" || request.path == "/readyz");
  RateLimit& limit = is_trusted(request) ? orders_limit_ : limit_;
  if (!peer && !watch && !limit.allows(request.remote, request.from_loopback, parts_.clock.now())) {
    auto refused = problem(429, "Too many requests", "this address asks too often");
    refused.headers["Retry-After"] = "1";
    co_return refused;
  }
  if (auto refused = refused_stranger(request)) co_return std::move(*refused);
  co_return co_await route(std::move(request));
}

// Over TLS a stranger's page has no certificate. What watches over the operator shows nothing of
// the pair's, and is asked for by whatever name the monitoring has.
std::optional<ServedResponse> OperatorApi::refused_stranger(const ServedRequest& request) const {
  static constexpr const char* kOpenPaths[] = {"/livez", "/readyz", "/metrics"};
  if (request.over_tls) return std::nullopt;
  if (!is_one_of(request.path, kOpenPaths) &&
      !is_our_host(request, names_to_ask_for(parts_.node, parts_.loop.spec().wanted())))
    return problem(421, "Misdirected request",
                   "this host is not known by the name that was asked for: ask by its address, by "
                   "a name in pair.yaml, or through `ssh -L` by localhost");
  if (request.method == "POST" && is_from_a_foreign_page(request))
    return problem(403, "Forbidden", "no page of another site may give an order");
  return std::nullopt;
}

Task<ServedResponse> OperatorApi::route(ServedRequest request) {
  if (parts_.peer != nullptr && PeerApi::has(request.path))
    co_return co_await parts_.peer->answer(std::move(request));
  const bool failover = FailoverApi::reads(request.path);
  if (failover || is_one_of(request.path, kReadPaths)) {
    if (request.method != "GET" && request.method != "HEAD") co_return not_allowed("GET, HEAD");
    if (failover) co_return co_await parts_.failover.get(std::move(request));
    co_return co_await get(std::move(request));
  }
  if (is_one_of(request.path, kOrderPaths) || FailoverApi::orders(request.path) ||
      ReplicationApi::orders(request.path) || UndoApi::orders(request.path)) {
    if (request.method != "POST") co_return not_allowed("POST");
    co_return co_await post(std::move(request));
  }
  if (is_page(request.path)) {
    if (request.method != "GET" && request.method != "HEAD") co_return not_allowed("GET, HEAD");
    co_return page_answer(request);
  }
  co_return problem(404, "Not found", "the paths are listed at /api");
}

Task<ServedResponse> OperatorApi::get(ServedRequest request) {
  const WallTime now = parts_.clock.wall();
  if (request.path == "/livez") co_return livez(request.query);
  if (request.path == "/readyz") co_return readyz(request.query);
  if (request.path == "/metrics")
    co_return text(200, metrics(now), "text/plain; version=0.0.4; charset=utf-8");
  if (request.path == "/api/v1/pair") co_return document(pair(now));
  if (request.path == "/api/v1/plan") co_return co_await plan();
  if (request.path == EventHub::kPath) co_return follow(request);
  if (request.path == "/openapi.json")
    co_return text(200, std::string(openapi_document()), "application/json");
  if (request.path == ReplicationApi::kPath) co_return replication_.get(now);
  if (request.path == UndoApi::kPath) co_return co_await undo_.get();
  if (request.path == DivergenceApi::kPath) {
    const bool trusted = is_trusted(request);
    co_return co_await divergence_.get(std::move(request.query), trusted);
  }
  if (request.path == "/" && wants_page(request)) co_return page_answer(request);
  auto list = landing();
  if (request.path == "/") list.headers["Vary"] = "Accept";
  co_return list;
}

ServedResponse OperatorApi::follow(const ServedRequest& request) {
  if (parts_.stream == nullptr) return problem(503, "Not available", "no events are kept");
  return parts_.stream->open(request);
}

std::uint64_t OperatorApi::shown() const {
  const WallTime now = parts_.clock.wall();
  OrderedJson all = {{"pair", pair(now)}};
  if (const auto why = parts_.failover.told_why()) all["why"] = why_document(*why, now);
  return fingerprint(all);
}

OrderedJson OperatorApi::pair(WallTime now) const {
  auto json = pair_document(parts_.loop, parts_.node, now);
  if (parts_.keeper != nullptr) json["status"]["failover"] = failover_document(*parts_.keeper);
  if (parts_.replication != nullptr)
    json["status"]["replication"] =
        replication_document(parts_.replication->keepers(), parts_.clock);
  if (parts_.notify != nullptr)
    json["status"]["notifications"] = notifications_document(parts_.notify->notifier());
  const PeerKeeper* const link = parts_.peer == nullptr ? nullptr : &parts_.peer->link();
  if (link != nullptr) json["status"]["peer"] = peer_document(*link);
  json["status"]["answers"] =
      night_document(night_answers(night_facts(parts_.loop, parts_.node, parts_.keeper, link)));
  return json;
}

const std::string& OperatorApi::metrics(WallTime now) {
  const Instant monotonic = parts_.clock.now();
  if (metrics_.empty() || monotonic - rendered_ >= kMetricsAge) {
    if (parts_.keeper != nullptr)
      parts_.metrics.failover(parts_.keeper->verdict(), parts_.keeper->bound_time());
    if (parts_.peer != nullptr) parts_.metrics.certificates(parts_.peer->expiry);
    if (parts_.replication != nullptr)
      parts_.metrics.replication(copies_shown(
          parts_.replication->keeper(), parts_.replication->direction(), parts_.replication->undo(),
          parts_.replication->divergence(), parts_.replication->stream().shown()));
    if (parts_.replication != nullptr) parts_.metrics.harvest(parts_.replication->harvest_shown());
    if (parts_.notify != nullptr)
      parts_.metrics.notifications(waiting_by_channel(parts_.notify->notifier()));
    metrics_ = parts_.metrics.text(parts_.loop, parts_.node, now);
    rendered_ = monotonic;
  }
  return metrics_;
}

ServedResponse OperatorApi::livez(const std::string& query) const {
  const bool turns = parts_.clock.now() - parts_.loop.turned() < kStuck;
  return health({{"loop", turns}}, query);
}

ServedResponse OperatorApi::readyz(const std::string& query) const {
  return health({{"declaration", parts_.loop.spec().wanted() != nullptr},
                 {"first-pass", parts_.loop.passed_once()},
                 {"not-stopping", !parts_.loop.stopping()}},
                query);
}

ServedResponse OperatorApi::landing() const {
  std::string page = fmt::format("tandem on {}\n\n", parts_.node);
  for (const char* path : kReadPaths) page += fmt::format("{}\n", path);
  for (const char* path : FailoverApi::kReadPaths) page += fmt::format("{}\n", path);
  return text(200, page);
}

// Observes anew; one at a time, so that nobody can load the vendor's services through us.
Task<ServedResponse> OperatorApi::plan() {
  if (planning_) {
    auto busy = problem(429, "Too many requests", "a plan is being made; ask again in a second");
    busy.headers["Retry-After"] = "1";
    co_return busy;
  }
  const SpecView& spec = parts_.loop.spec();
  if (spec.wanted() == nullptr)
    co_return problem(409, "No declaration",
                      spec.refused ? spec.refused->message : "none was read");
  auto goal =
      goal_for(*spec.wanted(), parts_.node, parts_.loop.goal() && parts_.loop.goal()->standing_by);
  if (!goal.ok()) co_return problem(409, "Not a node of the pair", goal.error().message);
  planning_ = true;
  Plan made = co_await make_plan(parts_.plan_resources, parts_.node, std::move(goal).value());
  planning_ = false;
  std::optional<Duration> activation;
  if (parts_.keeper != nullptr)
    if (const auto figures = parts_.keeper->bound(); figures && figures->activation_measured)
      activation = figures->activation;
  made.outlook =
      failover_outlook(spec.accepted ? &*spec.accepted : nullptr, *spec.wanted(),
                       parts_.peer != nullptr && parts_.peer->link().set_up(), activation);
  co_return document(plan_document(annotated(std::move(made), spec, parts_.loop.facts())));
}

bool OperatorApi::is_trusted(const ServedRequest& request) const {
  const auto given = request.headers.find("Authorization");
  return request.from_loopback && parts_.token.ok() && given != request.headers.end() &&
         carries_token(given->second, parts_.token.value());
}

Task<ServedResponse> OperatorApi::post(ServedRequest request) {
  if (request.over_tls)
    co_return problem(
        403, "Forbidden",
        "a certificate may read, and no more: orders are typed on a node, which takes "
        "them over to the other where they are for that one");
  if (!request.from_loopback)
    co_return problem(403, "Forbidden",
                      "orders are taken over loopback only: type them on the node");
  if (!parts_.token.ok())
    co_return problem(503, "Orders are off",
                      "the token can not be used: " + parts_.token.error().message);
  if (!is_trusted(request)) {
    auto refused =
        problem(401, "Unauthorized", "an order needs the token of the operator's tokenFile");
    refused.headers["WWW-Authenticate"] = "Bearer";
    tell_intruder(request.path);
    co_return refused;
  }
  const std::string path = request.path;
  auto response = co_await carry_out(std::move(request));
  tell_order(path, response);
  co_return response;
}

// An order that could be made by nobody who may: a wrong token is a mistake, or somebody who tries.
void OperatorApi::tell_intruder(const std::string& path) {
  if (parts_.events != nullptr)
    parts_.events->add(Event::Type::warning, "OrderUnauthorized", "api",
                       "somebody on this host sent an order without the right token: " + path);
}

// Those that have no word of their own in the events.
void OperatorApi::tell_order(const std::string& path, const ServedResponse& response) {
  struct Told {
    const char *path, *reason, *message;
  };
  static constexpr Told kTold[] = {
      {"/api/v1/actions/apply", "ApplyOrdered", "a pass over everything was ordered, and made"},
      {"/api/v1/actions/cancel-replicate", "CopyCancelled", "the copies under way were cancelled"},
      {"/api/v1/actions/cancel-undo", "UndoCancelled", "the undo under way was cancelled"},
      {"/api/v1/actions/harvest", "HarvestOrdered",
       "what users left on the secondary was ordered home, or given up"}};
  if (parts_.events == nullptr || response.status >= 300) return;
  for (const Told& row : kTold)
    if (path == row.path) parts_.events->add(Event::Type::normal, row.reason, "api", row.message);
}

Task<ServedResponse> OperatorApi::carry_out(ServedRequest request) {
  if (FailoverApi::orders(request.path))
    co_return co_await parts_.failover.post(std::move(request));
  if (ReplicationApi::orders(request.path)) co_return replication_.post(request);
  if (UndoApi::orders(request.path)) co_return undo_.post(request);
  if (request.path == DivergenceApi::kAction)
    co_return co_await divergence_.post(std::move(request.body));
  if (request.path == NotifyService::kAction) {
    if (parts_.notify == nullptr)
      co_return problem(503, "Not available", "nobody is told by this node");
    co_return co_await parts_.notify->post(std::move(request.body));
  }
  co_return co_await apply(std::move(request.body));
}

Task<ServedResponse> OperatorApi::apply(std::string body) {
  auto order = order_of_body(body);
  if (!order.ok()) co_return problem(422, "Invalid order", order.error().message);
  if (applying_) {
    auto busy = problem(429, "Too many requests", "another apply is under way");
    busy.headers["Retry-After"] = "5";
    co_return busy;
  }
  applying_ = true;
  const auto result = co_await parts_.loop.apply(std::move(order).value());
  applying_ = false;
  if (!result.ok()) co_return problem(409, "Nothing was applied", result.error().message);
  co_return document(apply_document(result.value()));
}

Plan annotated(Plan plan, const SpecView& spec, const GateFacts& facts) {
  if (spec.pending) plan.structural = spec.structural;
  if (spec.pending && spec.accepted) plan.edits = changed_fields(*spec.accepted, *spec.pending);
  if (spec.pending && spec.accepted)
    for (std::string& note : role_change_notes(*spec.accepted, *spec.pending, plan.node))
      plan.notes.push_back(std::move(note));
  if (const HAPair* pair = spec.wanted()) {
    plan.allow = pair->changes_allow;
    for (const Condition& duty : duty_conditions(*pair))
      if (!is_well(duty)) plan.notes.push_back(duty.type + ": " + duty.message);
  }
  GateFacts gate = facts;
  gate.spec_in_force = true;  // what waits for its order is told by `structural`
  if (auto why = why_only_observe(gate)) {
    plan.acts_not = true;
    plan.notes.push_back("nothing is changed now: " + *why);
    for (const Condition& condition : gate_conditions(gate))
      if (!is_well(condition)) plan.notes.push_back(condition.type + ": " + condition.message);
  }
  return plan;
}

}  // namespace tandem
