#include "app/undo_api.h"

#include <algorithm>
#include <boost/asio/use_awaitable.hpp>

#include "app/answers.h"
#include "app/documents.h"
#include "app/replication_document.h"
#include "core/json_text.h"
#include "core/wording.h"
#include "replication/undo/generation.h"

namespace tandem {
namespace {

constexpr std::size_t kByMax = 200;

constexpr const char* kShape =
    "must have only: reason (text of at most 500 bytes), by (text of at most 200 bytes)";

struct Typed {
  std::string reason, by;
};

Result<Typed> typed_of(const std::string& body) {
  const auto json = read_json(body.empty() ? "{}" : body);
  if (!json.is_object()) return Error{Fault::invalid, "the body must be a JSON object"};
  Typed typed;
  for (const auto& [key, value] : json.items()) {
    if (!value.is_string()) return Error{Fault::invalid, kShape};
    const auto& text = value.get_ref<const std::string&>();
    if (key == "reason" && text.size() <= kUndoTextMax)
      typed.reason = one_line(text, kUndoTextMax);
    else if (key == "by" && text.size() <= kByMax)
      typed.by = one_line(text, kByMax);
    else
      return Error{Fault::invalid, kShape};
  }
  return typed;
}

}  // namespace

bool UndoApi::orders(std::string_view path) {
  return std::find(std::begin(kActions), std::end(kActions), path) != std::end(kActions);
}

Task<ServedResponse> UndoApi::get() {
  if (undo_ == nullptr) co_return problem(503, "Not available", "this node makes no copies");
  if (reading_) {
    auto busy = problem(429, "Too many requests", "it is being read; ask again in a second");
    busy.headers["Retry-After"] = "1";
    co_return busy;
  }
  reading_ = true;
  const auto kept = co_await undo_->read();
  reading_ = false;
  if (!kept.ok()) {
    const bool here = kept.error().fault == Fault::invalid;
    co_return problem(here ? 409 : 503, "Not known", kept.error().message);
  }
  OrderedJson json = {{"time", rfc3339(clock_.wall())}};
  json.update(generations_document(kept.value()));
  co_return document(json);
}

ServedResponse UndoApi::post(const ServedRequest& request) {
  if (undo_ == nullptr) return problem(503, "Not available", "this node makes no copies");
  if (request.path == kActions[0]) return undo(request.body);
  return document(OrderedJson{{"cancelled", undo_->cancel()}});
}

ServedResponse UndoApi::undo(const std::string& body) {
  auto typed = typed_of(body);
  if (!typed.ok()) return problem(422, "Invalid order", typed.error().message);
  const auto number = undo_->order(std::move(typed.value().by), std::move(typed.value().reason));
  if (!number.ok()) return problem(409, "Nothing is undone", number.error().message);
  return document(OrderedJson{{"runs", {{"undo", number.value()}}}}, 202);
}

}  // namespace tandem
