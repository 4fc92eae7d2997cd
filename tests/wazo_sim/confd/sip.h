// What confd accepts and shows of SIP endpoints and templates. No state of its own.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <random>
#include <string>

#include "tests/wazo_sim/json_text.h"

namespace tandem::wazo_sim {

inline constexpr std::array<const char*, 7> kSections = {
    "aor_section_options",          "auth_section_options",
    "endpoint_section_options",     "identify_section_options",
    "registration_section_options", "registration_outbound_auth_section_options",
    "outbound_auth_section_options"};

// Why confd refuses this body of a PUT or POST, in its words; nothing when it takes it.
std::optional<std::string> sip_problem(const Json& body);

// Takes over what the body has: a section given replaces the whole section, others are kept.
void change_sip(Json& document, const Json& body);

// Whether two documents say the same, whatever the order of their pairs.
bool same_sip(const Json& left, const Json& right);

// confd reads pairs from its database without an order: no two answers need to agree in it.
void shuffle_sections(Json& document, std::mt19937_64& dice);

// Replaces every section by what is in force: inherited options first, of repeated keys the last.
// `parent` finds a template by its UUID.
void merge_sections(Json& document, const std::function<const Json*(const std::string&)>& parent);

}  // namespace tandem::wazo_sim
