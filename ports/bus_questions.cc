#include "ports/bus_questions.h"

#include <utility>

namespace tandem {

std::size_t BusQuestions::send(std::unique_ptr<sdbus::IProxy> proxy,
                               const sdbus::MethodCall& message) {
  while (under_way_ >= kUnderWayMax) session_.take_next();
  auto& question = *questions_.emplace_back(std::make_unique<Question>());
  question.proxy = std::move(proxy);
  // Nothing may be thrown through the library: it is kept until somebody asks.
  const auto take = [this, &question](const sdbus::MethodReply& reply, const sdbus::Error* error) {
    if (error != nullptr)
      question.error = *error;
    else
      question.reply = reply;
    --under_way_;
  };
  ++under_way_;
  question.proxy->callMethod(message, take, session_.time_left());
  return questions_.size() - 1;
}

sdbus::MethodReply BusQuestions::answer(std::size_t number) {
  const Question& question = *questions_.at(number);
  while (!question.answered()) session_.take_next();
  if (question.error) throw sdbus::Error(*question.error);
  return *question.reply;
}

}  // namespace tandem
