#include "probes/peer_probe.h"

#include <fmt/format.h>

#include "core/formats.h"
#include "core/peer_word_text.h"
#include "core/url.h"
#include "core/wording.h"

namespace tandem {
namespace {

// A name may fail to resolve, which is no fault of the host that it stands for.
bool is_address(const std::string& url) {
  const auto parsed = parse_url(url);
  return parsed.ok() && check_ipv4(parsed.value().host).empty();
}

Heard heard_of(const Error& error, const std::string& url) {
  switch (error.fault) {
    case Fault::connection_refused:
    case Fault::connection_cut:
    case Fault::timed_out: return Heard::silent;
    case Fault::unavailable: return is_address(url) ? Heard::silent : Heard::unknown;
    default: return Heard::unknown;
  }
}

// Why this is not what the other node says; empty where it is.
std::string stranger(const PeerWord& word, const PeerQuestion& question) {
  if (word.pair != question.pair)
    return fmt::format(
        "it is not of this pair: it says it is of {}, and this node is of {}; look at "
        "metadata.name "
        "in pair.yaml on both",
        in_quotes(word.pair), in_quotes(question.pair));
  if (word.node != question.node)
    return fmt::format(
        "it is not the other node: it says it is {}, and {} was meant; look at the addresses in "
        "pair.yaml, and at `node` in operator.yaml there",
        in_quotes(word.node), in_quotes(question.node));
  return "";
}

void read_answer(const HttpResponse& response, const PeerQuestion& question, PeerReading& reading) {
  Sample& sample = reading.sample;
  if (response.status == 503) {
    sample.heard = Heard::answers;
    sample.poor = true;
    sample.reason = "its operator is overloaded (status 503)";
    return;
  }
  if (response.status != 200) {
    sample.reason = fmt::format(
        "what answers there gives status {} and no word: it is no operator, or an older one",
        response.status);
    return;
  }
  auto word = parse_peer_word(response.body);
  if (!word.ok()) {
    sample.reason = word.error().message;
    return;
  }
  sample.reason = stranger(word.value(), question);
  if (!sample.reason.empty()) return;
  sample.heard = Heard::answers;
  sample.poor = sample.took > kPoorAnswer;
  sample.reason = sample.poor ? "its operator answers late" : "its operator answers";
  reading.word = std::move(word).value();
}

}  // namespace

Task<PeerReading> probe_peer(Http& http, Clock& clock, PeerQuestion question) {
  HttpRequest request;
  request.url = question.url + kPeerPath;
  request.certificate_name = question.node;
  request.deadline = question.timeout;
  request.body_max = kPeerWordBytesMax;
  const Instant asked = clock.now();
  const auto response = co_await http.send(std::move(request));
  PeerReading reading;
  reading.sample.at = clock.now();
  reading.sample.took = reading.sample.at - asked;
  if (response.ok()) {
    read_answer(response.value(), question, reading);
  } else {
    reading.sample.heard = heard_of(response.error(), question.url);
    reading.sample.reason = response.error().message;
  }
  co_return reading;
}

}  // namespace tandem
