#include "app/host_check.h"

#include <arpa/inet.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace tandem {
namespace {

std::string in_lower_case(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

// The header, or "".
std::string header_of(const ServedRequest& request, const char* name) {
  const auto found = request.headers.find(name);
  return found == request.headers.end() ? "" : found->second;
}

bool is_ip_literal(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return inet_pton(AF_INET, host.c_str(), address.data()) == 1 ||
         inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
}

}  // namespace

std::string host_of(const std::string& authority) {
  std::string host = in_lower_case(authority);
  if (host.starts_with('[')) return host.substr(1, host.find(']') - 1);
  host = host.substr(0, host.find(':'));
  if (host.ends_with('.')) host.pop_back();
  return host;
}

bool is_our_host(const ServedRequest& request, const std::vector<std::string>& names) {
  const std::string host = host_of(header_of(request, "Host"));
  return host.empty() || host == "localhost" || is_ip_literal(host) ||
         std::ranges::find(names, host) != names.end();
}

bool is_from_a_foreign_page(const ServedRequest& request) {
  const std::string site = header_of(request, "Sec-Fetch-Site");
  if (!site.empty() && site != "same-origin" && site != "none") return true;
  const std::string origin = in_lower_case(header_of(request, "Origin"));
  const std::string host = in_lower_case(header_of(request, "Host"));
  return !origin.empty() && origin != "http://" + host && origin != "https://" + host;
}

std::vector<std::string> names_to_ask_for(const std::string& node, const HAPair* pair) {
  std::array<char, 256> own{};
  std::vector<std::string> names{node};
  if (gethostname(own.data(), own.size() - 1) == 0) names.emplace_back(own.data());
  if (pair != nullptr)
    for (const auto* one : {&pair->primary, &pair->secondary}) names.push_back(one->name);
  for (std::string& name : names) name = host_of(name);
  for (std::size_t i = 0, count = names.size(); i < count; ++i)
    names.push_back(names[i].substr(0, names[i].find('.')));
  std::erase(names, "");
  return names;
}

}  // namespace tandem
