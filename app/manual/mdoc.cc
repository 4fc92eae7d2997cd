#include "app/manual/mdoc.h"

#include "core/wording.h"

namespace tandem::mdoc {
namespace {

// What roff takes for an escape, or a printer for a hyphen where a person wants to copy a minus.
std::string plain(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '\\')
      result += "\\e";
    else if (c == '-')
      result += "\\-";
    else
      result += c;
  }
  return result;
}

// A line that begins with one of these would be a request.
std::string line(std::string text) {
  const bool request = text.starts_with('.') || text.starts_with('\'');
  return (request ? "\\&" : "") + text + "\n";
}

// A sentence, broken at blanks as mandoc likes it.
std::string lines_of(std::string_view sentence) {
  constexpr std::size_t kColumns = 78;
  std::string result, row;
  for (const std::string& word : split(sentence, ' ')) {
    if (!row.empty() && row.size() + 1 + word.size() > kColumns) {
      result += line(std::move(row));
      row.clear();
    }
    row += (row.empty() ? "" : " ") + word;
  }
  return row.empty() ? result : result + line(std::move(row));
}

bool ends_sentence(std::string_view text, std::size_t at) {
  if (text[at] != '.' && text[at] != ':' && text[at] != ';') return false;
  return at + 1 < text.size() && text[at + 1] == ' ';
}

}  // namespace

std::string prose(std::string_view text) {
  std::string result;
  bool code = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '`') {
      code = !code;
      result += code ? "\\fB" : "\\fP";
    } else {
      // A hyphen of prose may be broken at; one of code is typed.
      result += code || text[i] == '\\' ? plain(text.substr(i, 1)) : std::string(1, text[i]);
    }
  }
  return result;
}

std::string paragraphs(std::string_view text) {
  std::string result;
  bool code = false;
  std::size_t from = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '`') code = !code;
    const bool parted = text.substr(i, 2) == "\n\n";
    if (!parted && (code || !ends_sentence(text, i))) continue;
    const std::size_t end = parted ? i : i + 1;
    result += lines_of(prose(text.substr(from, end - from)));
    if (parted) result += ".Pp\n";
    from = end + (parted ? 2 : 1);
    i = from - 1;
  }
  return from < text.size() ? result + lines_of(prose(text.substr(from))) : result;
}

std::string argument(std::string_view text) {
  std::string result;
  for (const char c : text) result += c == '"' ? std::string("\\(dq") : plain({&c, 1});
  return "\"" + result + "\"";
}

std::string literal(std::string_view lines) {
  std::string result = ".Bd -literal -offset indent\n";
  for (const std::string& one : split(lines, '\n'))
    if (!one.empty()) result += line(plain(one));
  return result + ".Ed\n";
}

}  // namespace tandem::mdoc
