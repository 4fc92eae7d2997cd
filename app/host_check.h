// Whether a request may be from a page of a stranger: a name that he lets lead to this host makes
// the browser of whoever visits him read what it should not (DNS rebinding).
#pragma once

#include <string>
#include <vector>

#include "core/pair.h"
#include "ports/http_server.h"

namespace tandem {

// The name in a Host header, or behind the scheme of an Origin: in lower case, without the port,
// the brackets of IPv6 and a dot at the end.
std::string host_of(const std::string& authority);

// Whether the host that is asked for is this one: an IP literal, localhost, or one of `names`. So
// is none at all: no browser leaves it out.
bool is_our_host(const ServedRequest& request, const std::vector<std::string>& names);

// Whether a browser says that a page of somebody else sends it.
bool is_from_a_foreign_page(const ServedRequest& request);

// By which names this host may be asked for: what gethostname() tells and those of the pair, each
// also without its domain. A domain that none of them has is not looked up.
std::vector<std::string> names_to_ask_for(const std::string& node, const HAPair* pair);

}  // namespace tandem
