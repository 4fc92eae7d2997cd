#include "app/scrub_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "core/wording.h"

namespace tandem {
namespace {

constexpr std::size_t kNone = std::string::npos;
// In small letters; a name that ends with one of these counts as well: "db_password".
constexpr std::array<std::string_view, 22> kKeys = {
    "password",   "passwd",     "passwort",      "passphrase", "pwd",         "pass",
    "secret",     "secret_key", "secret-key",    "secretkey",  "token",       "api_key",
    "api-key",    "apikey",     "access_key",    "access-key", "private_key", "private-key",
    "privatekey", "accesskey",  "authorization", "bearer"};
constexpr std::array<std::string_view, 6> kSchemes = {"basic", "bearer",    "digest",
                                                      "token", "negotiate", "ntlm"};
// How far behind a key the begin of its word or URL is looked for.
constexpr std::size_t kLookBackMax = 4096;

struct Span {
  std::size_t begin = 0, end = 0;
};

bool is_letter_or_digit(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }
bool is_word(char c) { return is_letter_or_digit(c) || c == '_' || c == '-'; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_space(char c) { return is_blank(c) || c == '\n' || c == '\r'; }
bool is_quote(char c) { return c == '"' || c == '\''; }

char at_or_end(std::string_view text, std::size_t at) { return at < text.size() ? text[at] : '\n'; }

std::size_t skip_blanks(std::string_view text, std::size_t at) {
  while (at < text.size() && is_blank(text[at])) ++at;
  return at;
}

std::size_t skip_spaces(std::string_view text, std::size_t at) {
  while (at < text.size() && is_space(text[at])) ++at;
  return at;
}

// How many documents deep the double quote stands: " 0, \" 1 (JSON in JSON), \\\" 2.
unsigned depth_of(std::string_view text, std::size_t quote) {
  std::size_t slashes = 0;
  while (slashes < quote && text[quote - slashes - 1] == '\\') ++slashes;
  unsigned depth = 0;
  for (; (slashes & 1U) != 0; slashes >>= 1U) ++depth;
  return depth;
}

// Where the quote begins with the backslashes that are its own.
std::size_t begin_of_quote(std::size_t quote, unsigned depth) {
  return quote - ((std::size_t{1} << depth) - 1);
}

// The quote behind any backslashes at `at`; kNone where none is there.
std::size_t quote_at(std::string_view text, std::size_t at) {
  while (at < text.size() && text[at] == '\\') ++at;
  return at < text.size() && is_quote(text[at]) ? at : kNone;
}

// The end of the string of depth `depth`, or of one around it, or of the line.
std::size_t end_of_string(std::string_view text, std::size_t at, unsigned depth) {
  for (; at < text.size() && text[at] != '\n'; ++at) {
    if (text[at] != '"') continue;
    const unsigned found = depth_of(text, at);
    if (found <= depth) return begin_of_quote(at, found);
  }
  return at;
}

// Behind a single quote: '' and \' are letters of the value. One that is never closed ends at a
// double quote.
std::size_t end_of_single(std::string_view text, std::size_t begin) {
  std::size_t at = begin;
  for (; at < text.size() && text[at] != '\n'; ++at) {
    if (text[at] != '\'' || (at > begin && text[at - 1] == '\\')) continue;
    if (at_or_end(text, at + 1) != '\'') return at;
    ++at;
  }
  const auto quote = text.substr(0, at).find('"', begin);
  return quote == kNone ? at : begin_of_quote(quote, depth_of(text, quote));
}

// Which strings in double quotes are open at a place, told by the line it stands in. Asked from the
// begin of the text to its end.
class OpenStrings {
 public:
  explicit OpenStrings(std::string_view text) : text_(text) {}

  std::optional<unsigned> innermost(std::size_t place) {
    for (; at_ < place; ++at_) {
      if (text_[at_] == '\n') open_.clear();
      if (text_[at_] == '"') meet(depth_of(text_, at_));
    }
    return open_.empty() ? std::nullopt : std::optional(open_.back());
  }

 private:
  void meet(unsigned depth) {
    while (!open_.empty() && open_.back() > depth) open_.pop_back();
    if (!open_.empty() && open_.back() == depth)
      open_.pop_back();
    else
      open_.push_back(depth);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<unsigned> open_;
};

class Telltales {
 public:
  Telltales(std::string_view text, std::string_view mask) : text_(text), mask_(mask) {
    small_.resize(text.size());
    std::transform(text.begin(), text.end(), small_.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  }

  std::string masked() {
    for (const std::string_view key : kKeys) {
      OpenStrings strings(text_);
      for (auto at = small_.find(key); at != kNone; at = small_.find(key, at + 1))
        if (is_key(key, at)) look_behind(key, at, strings);
    }
    for (auto at = text_.find("://"); at != kNone; at = text_.find("://", at + 3)) look_at_url(at);
    for (const std::string_view scheme : {"sip:", "sips:"})
      for (auto at = small_.find(scheme); at != kNone; at = small_.find(scheme, at + 1))
        look_at_sip(at, at + scheme.size());
    return rebuilt();
  }

 private:
  // "pass" ends too many words to count within one: "auth_pass" and "authPass", but no "bypass".
  bool is_key(std::string_view key, std::size_t at) const {
    if (is_word(at_or_end(text_, at + key.size()))) return false;
    if (key != "pass" || at == 0 || !is_letter_or_digit(text_[at - 1])) return true;
    if (at > 1 && text_[at - 2] == '\\') return true;  // "\npass": an end of a line, quoted
    return text_[at] == 'P' && std::islower(static_cast<unsigned char>(text_[at - 1])) != 0;
  }

  std::size_t begin_of_word(std::size_t at) const {
    const std::size_t least = at - std::min(at, kLookBackMax);
    while (at > least && is_word(text_[at - 1])) --at;
    return at;
  }

  void look_behind(std::string_view key, std::size_t key_at, OpenStrings& strings);
  std::size_t end_of_plain(std::size_t begin, std::size_t word, bool of_json) const;
  bool names_a_scheme(std::size_t at) const;
  bool begins_its_line(std::size_t word) const;
  bool in_query(std::size_t word) const;
  void take_strings(std::size_t quote, bool list);
  void look_at_url(std::size_t colon);
  void look_at_sip(std::size_t scheme, std::size_t begin);
  std::string rebuilt();

  void take(std::size_t begin, std::size_t end) {
    if (begin < end) spans_.push_back({begin, end});
  }

  std::string_view text_, mask_;
  std::string small_;
  std::vector<Span> spans_;
};

void Telltales::look_behind(std::string_view key, std::size_t key_at, OpenStrings& strings) {
  const std::size_t word = begin_of_word(key_at), key_end = key_at + key.size();
  const std::size_t closing = quote_at(text_, key_end);
  const std::size_t name_end = closing == kNone ? key_end : closing + 1;
  std::size_t at = skip_blanks(text_, name_end);
  const std::string_view rest = text_.substr(at);
  const bool told = rest.starts_with(':') || rest.starts_with('=');
  const bool whole_line = key == "authorization";
  if (told) {
    at += rest.starts_with("=>") || rest.starts_with(":=") ? 2 : 1;
  } else if (text_[word] == '-') {  // an option, also as an item of a list
    if (rest.starts_with(',')) at = skip_spaces(text_, at + 1);
    if (at == name_end) return;
  } else if (at == name_end || closing != kNone ||
             !(key == "bearer" || (whole_line && names_a_scheme(at)))) {
    return;
  }
  at = skip_blanks(text_, at);
  const std::size_t below = skip_spaces(text_, at);  // JSON that a person laid out
  if (told && closing != kNone &&
      (at_or_end(text_, below) == '[' || quote_at(text_, below) != kNone))
    at = below;
  const bool list = closing != kNone && at_or_end(text_, at) == '[';
  if (list) at = skip_spaces(text_, at + 1);
  if (const std::size_t quote = quote_at(text_, at); quote != kNone) {
    take_strings(quote, list);
  } else if (whole_line || (told && closing == kNone && begins_its_line(word) && !in_query(word))) {
    const auto open = strings.innermost(at);
    take(at, open ? end_of_string(text_, at, *open) : std::min(text_.find('\n', at), text_.size()));
  } else {
    take(at, end_of_plain(at, word, told && closing != kNone));
  }
}

// The string that begins with `quote`; of a list those behind it as well.
void Telltales::take_strings(std::size_t quote, bool list) {
  while (quote != kNone) {
    const bool single = text_[quote] == '\'';
    const std::size_t end = single ? end_of_single(text_, quote + 1)
                                   : end_of_string(text_, quote + 1, depth_of(text_, quote));
    take(quote + 1, end);
    const std::size_t closed = quote_at(text_, end);
    const std::size_t comma = closed == kNone ? end : skip_spaces(text_, closed + 1);
    if (!list || at_or_end(text_, comma) != ',') return;
    quote = quote_at(text_, skip_spaces(text_, comma + 1));
  }
}

// `of_json`: behind a name in quotes, so a number, a word of JSON, a list or an object.
std::size_t Telltales::end_of_plain(std::size_t begin, std::size_t word, bool of_json) const {
  if (of_json)
    for (const std::string_view left : {"null", "true", "false", "{", "["})
      if (text_.substr(begin).starts_with(left) &&
          !is_word(left.size() == 1 ? ' ' : at_or_end(text_, begin + left.size())))
        return begin;
  const bool query = in_query(word);
  std::size_t at = begin;
  for (; at < text_.size() && !is_space(text_[at]); ++at) {
    const char c = text_[at];
    if (text_.substr(at).starts_with(mask_)) at += mask_.size() - 1;  // it has a blank
    if (c == '"' || c == '`' || (c == '\'' && !is_letter_or_digit(at_or_end(text_, at + 1)))) break;
    if ((query && (c == '&' || c == '#')) || (of_json && (c == ',' || c == '}' || c == ']'))) break;
  }
  if (at < text_.size() && is_quote(text_[at]))
    while (at > begin && text_[at - 1] == '\\') --at;
  return at;
}

bool Telltales::names_a_scheme(std::size_t at) const {
  return std::ranges::any_of(kSchemes, [&](std::string_view scheme) {
    return std::string_view(small_).substr(at).starts_with(scheme) &&
           !is_word(at_or_end(small_, at + scheme.size()));
  });
}

// As a line of YAML or of an ini file, whose value may have blanks.
bool Telltales::begins_its_line(std::size_t word) const {
  while (word > 0 && (is_blank(text_[word - 1]) || text_[word - 1] == '-')) --word;
  return word == 0 || text_[word - 1] == '\n';
}

bool Telltales::in_query(std::size_t word) const {
  const std::size_t least = word - std::min(word, kLookBackMax);
  for (std::size_t at = word; at > least; --at) {
    const char c = text_[at - 1];
    if (c == '?') return true;
    if (is_space(c) || is_quote(c)) return false;
  }
  return false;
}

void Telltales::look_at_url(std::size_t colon) {
  std::size_t scheme = colon;
  while (scheme > 0 && is_word(text_[scheme - 1])) --scheme;
  if (scheme == colon) return;
  const std::size_t begin = colon + 3;
  const auto end = std::min(text_.find_first_of(" \t\r\n\"'`<>", begin), text_.size());
  const auto path = std::min(text_.find_first_of("/?#", begin), end);
  const std::string_view authority = text_.substr(begin, path - begin);
  // A password may hold an unencoded '/' or '@'. Where the path behind a port has an '@', too much
  // is taken rather than too little.
  const bool whole = authority.find(':') != kNone;
  const auto user = text_.substr(begin, (whole ? end : path) - begin).rfind('@');
  if (user != kNone) take(begin, begin + user);
  // What a person typed into a wrong place, as a problem quotes it. The vendor's services on this
  // host have no secret in their paths.
  const bool quoted = scheme > 0 && text_[scheme - 1] == '\'';
  const bool here = authority.starts_with("127.") || authority.starts_with("localhost");
  const bool cut = text_.substr(path, end - path) == "/...";
  if (quoted && !here && !cut && path < end) take(path + 1, end);
}

// sip:USER:PASSWORD@HOST
void Telltales::look_at_sip(std::size_t scheme, std::size_t begin) {
  if (scheme > 0 && is_word(text_[scheme - 1])) return;
  const auto end = std::min(text_.find_first_of(" \t\r\n\"'`<>", begin), text_.size());
  const auto host = text_.substr(begin, end - begin).rfind('@');
  const auto password = text_.substr(begin, end - begin).find(':');
  if (host != kNone && password != kNone && password < host)
    take(begin + password + 1, begin + host);
}

std::string Telltales::rebuilt() {
  std::ranges::sort(spans_, {}, &Span::begin);
  std::string made;
  std::size_t done = 0, masked_to = kNone;
  for (const Span& span : spans_) {
    if (span.end <= done) continue;
    const std::size_t begin = std::max(span.begin, done);
    made += text_.substr(done, begin - done);
    if (begin != masked_to) made += mask_;
    done = masked_to = span.end;
  }
  made += text_.substr(done);
  return made;
}

// Fields of a line; a backslash makes a letter of the ':' or '\' behind it.
std::pair<std::string, std::string> last_field(std::string_view line) {
  std::string plain, written;
  int fields = 1;
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (line[at] == ':' && fields < 5) {
      ++fields;
      plain.clear();
      written.clear();
      continue;
    }
    if (line[at] == '\\' && at + 1 < line.size()) written += line[at++];
    written += line[at];
    plain += line[at];
  }
  if (fields == 1) return {};
  return {std::move(plain), std::move(written)};
}

}  // namespace

std::string without_telltales(const std::string& text, std::string_view mask) {
  return Telltales(text, mask).masked();
}

std::string without_value(const std::string& text, std::string_view secret, std::string_view mask) {
  std::string made;
  std::size_t done = 0;
  for (auto at = text.find(secret); at != kNone; at = text.find(secret, at + secret.size())) {
    std::size_t before = at;
    while (before > done && is_blank(text[before - 1])) --before;
    const char sign = before > 0 ? text[before - 1] : '\n';
    const bool behind_quote = before == at && is_quote(sign);
    const std::size_t end = at + secret.size();
    const char next = at_or_end(text, end);
    const bool whole = !is_word(next) && next != '/' &&
                       !(next == '.' && is_letter_or_digit(at_or_end(text, end + 1)));
    const std::size_t quote = quote_at(text, end);
    const bool name =
        behind_quote && quote != kNone && at_or_end(text, skip_blanks(text, quote + 1)) == ':';
    if (!whole || name || !(behind_quote || sign == ':' || sign == '=' || sign == '>')) continue;
    made.append(text, done, at - done).append(mask);
    done = end;
  }
  return made.append(text, done);
}

std::vector<std::string> pgpass_passwords(std::string_view text) {
  std::vector<std::string> passwords;
  for (std::string_view line : split(text, '\n')) {
    while (line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with('#')) continue;
    auto [plain, written] = last_field(line);
    if (plain.empty()) continue;
    if (written != plain) passwords.push_back(std::move(written));
    passwords.push_back(std::move(plain));
  }
  return passwords;
}

}  // namespace tandem
