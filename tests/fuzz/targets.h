// The parsers that are fuzzed, one function each, and what their files share.
#pragma once

#include <cstdlib>
#include <string_view>

#include "core/result.h"

namespace tandem::fuzz {

// Each reads `text` and ends the program where a property does not hold. What is accepted is
// written and read again as the same; what is refused says why, in one line that a terminal may
// show.
void authorized_keys(std::string_view text);
void bnfos(std::string_view text);
void certificate(std::string_view text);
void credentials_yaml(std::string_view text);
void env_file(std::string_view text);
void gate_command(std::string_view text);
void ha_conf(std::string_view text);
void http_request(std::string_view text);
void kept_records(std::string_view text);
void node_facts(std::string_view text);
void operator_yaml(std::string_view text);
void packets(std::string_view text);
void pair_yaml(std::string_view text);
void peer_wire(std::string_view text);
void postgres_files(std::string_view text);
void state_file(std::string_view text);
void vendor_answer(std::string_view text);
void words(std::string_view text);

struct Target {
  std::string_view name;  // of its folder in corpus/, too
  void (*run)(std::string_view text);
};

inline constexpr Target kTargets[] = {
    {"authorized_keys", authorized_keys},
    {"bnfos", bnfos},
    {"certificate", certificate},
    {"credentials_yaml", credentials_yaml},
    {"env_file", env_file},
    {"gate_command", gate_command},
    {"ha_conf", ha_conf},
    {"http_request", http_request},
    {"kept_records", kept_records},
    {"node_facts", node_facts},
    {"operator_yaml", operator_yaml},
    {"packets", packets},
    {"pair_yaml", pair_yaml},
    {"peer_wire", peer_wire},
    {"postgres_files", postgres_files},
    {"state_file", state_file},
    {"vendor_answer", vendor_answer},
    {"words", words},
};

inline void require(bool holds) {
  if (!holds) std::abort();
}

// Not empty, and no character that steers a terminal.
inline void require_message(std::string_view message) {
  require(!message.empty());
  for (const char c : message) require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7F);
}

// `write` and `read` are each other's inverse for all that is accepted.
template <class Read, class Write>
void round_trip(std::string_view text, Read read, Write write) {
  const auto first = read(text);
  if (!first.ok()) return require_message(first.error().message);
  const auto again = read(write(first.value()));
  require(again.ok() && again.value() == first.value());
}

}  // namespace tandem::fuzz
