#include "ports/http.h"

#include <algorithm>

namespace tandem {

bool IgnoreCase::operator()(const std::string& a, const std::string& b) const {
  // Header names are ASCII: the locale has no say.
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                      [&](char x, char y) { return lower(x) < lower(y); });
}

}  // namespace tandem
