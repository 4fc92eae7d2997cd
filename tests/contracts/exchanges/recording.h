// One request to a real service and its answer, as they were recorded.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "tests/wazo_sim/json_text.h"

namespace tandem::exchanges {

using wazo_sim::Json;
// Names in lower case.
using Headers = std::map<std::string, std::string>;

// Stands in `<...>` for what differs from run to run: "<token>", "<password>", "0x<address>".
struct Recording {
  std::string name;     // "confd-ha-put-master": unique
  std::string service;  // "confd"
  std::string method;
  std::string path;  // with the query
  Headers headers;
  std::string body;  // as it goes over the wire

  int status = 0;
  Headers answer_headers;
  Json answer;        // a string where `text` holds
  bool text = false;  // the body is no JSON document but a text

  // The body of the answer as bytes, as far as a document tells them.
  std::string answer_body() const;
};

using Recordings = std::map<std::string, Recording>;

// The raw recordings in $TANDEM_EXCHANGES where that is set, else the fixtures of the project.
// Throws std::runtime_error for what can not be read.
Recordings load_recordings();

// $TANDEM_EXCHANGES, or nothing.
std::optional<std::string> raw_folder();

}  // namespace tandem::exchanges
