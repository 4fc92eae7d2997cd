#include "pbx/postgres_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/formats.h"
#include "pbx/postgres_password.h"
#include "pbx/text_lines.h"

namespace tandem {
namespace {

constexpr std::string_view kVendorListenLine = "listen_addresses = '*'";

constexpr std::string_view kMark = " # kept by Tandem";
// Of a line that was added behind one without an end, which gets it back when ours goes.
constexpr std::string_view kMarkAndEnd = " # kept by Tandem, with the end of the line before";
constexpr std::string_view kVendorStart = "host asterisk postgres";
constexpr std::string_view kVendorEnd = "/32 trust";

using Lines = std::vector<TextLine>;

bool is_marked(std::string_view text) {
  const std::string_view trimmed = without_blanks(text);
  return !trimmed.starts_with('#') && (trimmed.ends_with(kMark) || trimmed.ends_with(kMarkAndEnd));
}

std::string_view without_mark(std::string_view text) {
  std::string_view rest = without_blanks(text);
  for (const auto mark : {kMarkAndEnd, kMark})
    if (rest.ends_with(mark)) rest.remove_suffix(mark.size());
  return rest;
}

bool continues(const TextLine& line) { return line.text.ends_with('\\'); }

// The line stands alone: neither is it the rest of the one before, nor does it go on.
bool stands_alone(const Lines& lines, std::size_t i) {
  return !continues(lines[i]) && (i == 0 || !continues(lines[i - 1]));
}

bool is_comment_or_blank(std::string_view text) {
  const std::string_view trimmed = without_blanks(text);
  return trimmed.empty() || trimmed.starts_with('#');
}

// Takes a line out; where it brought the end of the line before it, that goes too.
void take_out(Lines& lines, std::size_t i, TextEdit& edit) {
  edit.removed.push_back({lines[i].number, lines[i].text});
  const bool brought_an_end = without_blanks(lines[i].text).ends_with(kMarkAndEnd);
  // An empty line never was without an end: there somebody else was at work.
  if (brought_an_end && i > 0 && i + 1 == lines.size() &&
      lines[i - 1].text.size() + lines[i - 1].end.size() > 1)
    lines[i - 1].end.pop_back();
  lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(i));
}

// Adds a line of ours at the end.
void append_own(Lines& lines, std::string text) {
  const std::string end = line_end_of(lines);
  std::string_view sign = kMark;
  if (!lines.empty() && !lines.back().end.ends_with('\n')) {
    lines.back().end += '\n';
    sign = kMarkAndEnd;
  }
  lines.push_back({std::move(text.append(sign)), end, 0});
}

// Adds the vendor's line at the end, as its own program does.
void append_vendors(Lines& lines, std::string text) {
  const std::string end = line_end_of(lines);
  if (!lines.empty() && !lines.back().end.ends_with('\n')) lines.back().end += '\n';
  // An empty line ends what would swallow it.
  if (!lines.empty() && continues(lines.back())) lines.push_back({"", end, 0});
  lines.push_back({std::move(text), end, 0});
}

// Tells what was added; a line that was taken out and put in again as it was is no edit.
TextEdit finished(std::string_view before, const Lines& lines, TextEdit edit) {
  edit.text = join_lines(lines);
  if (edit.text == before) return {std::string(before), {}, {}};
  std::sort(edit.removed.begin(), edit.removed.end(),
            [](const EditedLine& a, const EditedLine& b) { return a.number < b.number; });
  for (std::size_t i = 0; i < lines.size(); ++i)
    if (lines[i].number == 0) edit.added.push_back({i + 1, lines[i].text});
  return edit;
}

std::string rule_of(std::string_view peer, std::string_view type, HAPair::PostgresMethod method,
                    std::string_view role = kPostgresRole) {
  return fmt::format("{} asterisk {} {}/32 {}", type, role, peer,
                     method == HAPair::PostgresMethod::scram ? "scram-sha-256" : "trust");
}

// The address of a line in the vendor's form, which may be empty or none; nullopt: another line.
std::optional<std::string_view> vendor_address(std::string_view text) {
  if (!text.starts_with(kVendorStart)) return std::nullopt;
  std::string_view rest = text.substr(kVendorStart.size());
  if (rest.empty() || (rest[0] != ' ' && rest[0] != '\t')) return std::nullopt;
  rest = without_blanks(rest);
  if (!rest.ends_with(kVendorEnd)) return std::nullopt;
  rest.remove_suffix(kVendorEnd.size());
  if (rest.find_first_of(" \t#\"") != std::string_view::npos) return std::nullopt;
  return rest;
}

bool is_one_of(const std::vector<std::string>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

class HbaEditor {
 public:
  HbaEditor(std::string_view text, const HbaWanted& wanted)
      : before_(text), wanted_(wanted), lines_(split_lines(text)) {}

  TextEdit edit() {
    take_out_the_vendors();
    put_in_ours();
    if (wanted_.vendor == HbaWanted::Vendor::present && !has_vendors_ && !wanted_.peers.empty())
      append_vendors(lines_, vendor_hba_line(wanted_.peers.front()));
    return finished(before_, lines_, std::move(edit_));
  }

 private:
  bool unwanted(std::string_view address, std::string_view text) {
    // Of another host it is somebody's own, however much it looks like the vendor's.
    if (check_ipv4(address).empty() && !is_one_of(wanted_.peers, address)) return false;
    switch (wanted_.vendor) {
      case HbaWanted::Vendor::absent: return true;
      case HbaWanted::Vendor::leftovers_absent:
        return is_one_of(wanted_.peers, address) || !check_ipv4(address).empty();
      case HbaWanted::Vendor::present: break;
    }
    const bool right =
        !has_vendors_ && !wanted_.peers.empty() && text == vendor_hba_line(wanted_.peers.front());
    has_vendors_ |= right;
    return !right;
  }

  void take_out_the_vendors() {
    for (std::size_t i = 0; i < lines_.size();) {
      const auto address = vendor_address(lines_[i].text);
      if (address && stands_alone(lines_, i) && unwanted(*address, lines_[i].text))
        take_out(lines_, i, edit_);
      else
        ++i;
    }
  }

  // A rule for other than local connections, or what may include one; not ours.
  bool may_decide(std::size_t i) const {
    if (is_comment_or_blank(lines_[i].text)) return false;
    return !without_blanks(lines_[i].text).starts_with("local") || !stands_alone(lines_, i);
  }

  // Before this line ours go in: before the first rule that may decide, and its own comments.
  std::size_t place() const {
    std::size_t at = 0;
    while (at < lines_.size() && !may_decide(at)) ++at;
    const bool swallows = !lines_.empty() && continues(lines_.back());
    if (at == lines_.size() && !swallows) return at;
    while (at > 0 &&
           (continues(lines_[at - 1]) || without_blanks(lines_[at - 1].text).starts_with('#')))
      --at;
    return at;
  }

  bool is_wanted(std::string_view rule) const {
    if (!wanted_.admits) return false;
    return std::any_of(wanted_.peers.begin(), wanted_.peers.end(), [&](const auto& peer) {
      return rule == rule_of(peer, "hostssl", wanted_.method) ||
             rule == rule_of(peer, "host", wanted_.method);
    });
  }

  // Ours in their wanted order, with the kind of each.
  std::vector<std::string> wanted_rules() const {
    std::vector<std::string> rules;
    if (wanted_.admits) add_rules(rules, kPostgresRole);
    if (wanted_.streams) add_rules(rules, kStreamRole);
    return rules;
  }

  void add_rules(std::vector<std::string>& rules, std::string_view role) const {
    for (const auto& peer : wanted_.peers) {
      bool tls = wanted_.tls == HbaWanted::Tls::required;
      if (wanted_.tls == HbaWanted::Tls::unknown)
        tls = is_one_of(found_, rule_of(peer, "hostssl", wanted_.method, role));
      const std::string rule = rule_of(peer, tls ? "hostssl" : "host", wanted_.method, role);
      if (!is_one_of(rules, rule)) rules.push_back(rule);
    }
  }

  void put_in_ours() {
    bool in_front = true;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if (stands_alone(lines_, i) && is_marked(lines_[i].text)) {
        found_.emplace_back(without_mark(lines_[i].text));
        if (!in_front) found_.emplace_back("behind a rule that decides");
      } else {
        in_front &= !may_decide(i);
      }
    }
    const auto rules = wanted_rules();
    if (found_ == rules) return;
    // The last one first: each then gives back what it brought.
    for (std::size_t i = lines_.size(); i-- > 0;)
      if (stands_alone(lines_, i) && is_marked(lines_[i].text)) take_out(lines_, i, edit_);
    for (std::size_t at = place(); const auto& rule : rules) {
      if (at >= lines_.size()) {
        append_own(lines_, rule);
        at = lines_.size();
        continue;
      }
      lines_.insert(lines_.begin() + static_cast<std::ptrdiff_t>(at++),
                    {rule + std::string(kMark), line_end_of(lines_), 0});
    }
  }

  std::string_view before_;
  const HbaWanted& wanted_;
  Lines lines_;
  std::vector<std::string> found_;
  bool has_vendors_ = false;
  TextEdit edit_;
};

// The name that a line of postgresql.conf begins with; PostgreSQL takes it in any case.
std::string setting_name(std::string_view text) {
  const std::string_view trimmed = without_blanks(text);
  std::string name(trimmed.substr(0, trimmed.find_first_of(" \t=#'")));
  for (char& c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return name;
}

constexpr std::string_view kListen = "listen_addresses";

bool is_own_setting(const TextLine& line, std::string_view name) {
  return is_marked(line.text) && setting_name(line.text) == name;
}

std::string in_quotes(std::string_view value) {
  std::string text = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') text += c;
    text += c;
  }
  return text + "'";
}

}  // namespace

std::string own_hba_line(std::string_view peer, bool tls, HAPair::PostgresMethod method) {
  return rule_of(peer, tls ? "hostssl" : "host", method) + std::string(kMark);
}

std::vector<std::string> other_vendor_addresses(std::string_view text,
                                                const std::vector<std::string>& peers) {
  std::vector<std::string> others;
  const Lines lines = split_lines(text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto address = vendor_address(lines[i].text);
    if (address && stands_alone(lines, i) && check_ipv4(*address).empty() &&
        !is_one_of(peers, *address))
      others.emplace_back(*address);
  }
  return others;
}

std::string vendor_hba_line(std::string_view peer) {
  return fmt::format("{} {}{}", kVendorStart, peer, kVendorEnd);
}

TextEdit edit_hba(std::string_view text, const HbaWanted& wanted) {
  return HbaEditor(text, wanted).edit();
}

bool is_own_hba_line(std::string_view text, std::size_t number) {
  const Lines lines = split_lines(text);
  return number >= 1 && number <= lines.size() && stands_alone(lines, number - 1) &&
         is_marked(lines[number - 1].text);
}

std::vector<std::string> listen_list(std::string_view value) {
  std::vector<std::string> list;
  while (!value.empty()) {
    const auto comma = std::min(value.find(','), value.size());
    std::string_view word = without_blanks(value.substr(0, comma));
    if (word.size() >= 2 && word.front() == '"' && word.back() == '"')
      word = word.substr(1, word.size() - 2);
    if (!word.empty()) list.emplace_back(word);
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
  return list;
}

bool listens_on(std::string_view value, std::string_view address) {
  const auto list = listen_list(value);
  return is_one_of(list, "*") || is_one_of(list, "0.0.0.0") || is_one_of(list, address) ||
         (address.starts_with("127.0.0.1") && address.size() == 9 && is_one_of(list, "localhost"));
}

std::string with_address(std::string_view value, std::string_view address) {
  const std::string_view trimmed = without_blanks(value);
  if (listen_list(trimmed).empty()) return std::string(address);
  return fmt::format("{}, {}", trimmed, address);
}

std::vector<std::size_t> own_listen_lines(std::string_view text) {
  return own_setting_lines(text, kListen);
}

std::vector<std::size_t> own_setting_lines(std::string_view text, std::string_view name) {
  std::vector<std::size_t> numbers;
  for (const TextLine& line : split_lines(text))
    if (is_own_setting(line, name)) numbers.push_back(line.number);
  return numbers;
}

TextEdit edit_listen(std::string_view text, const std::optional<std::string>& value) {
  return edit_setting(text, kListen, value);
}

TextEdit edit_setting(std::string_view text, std::string_view wanted_name,
                      const std::optional<std::string>& value) {
  TextEdit edit;
  Lines lines = split_lines(text);
  const std::string setting =
      value ? fmt::format("{} = {}", wanted_name, in_quotes(*value)) : std::string();
  std::size_t right = 0;
  bool is_last = false;
  for (const TextLine& line : lines) {
    const std::string name = setting_name(line.text);
    if (is_own_setting(line, wanted_name)) {
      is_last = without_mark(line.text) == setting;
      right += is_last ? 1U : 2U;
    } else if (name == wanted_name || name.starts_with("include")) {
      is_last = false;
    }
  }
  if (value ? right == 1 && is_last : right == 0) return {std::string(text), {}, {}};
  for (std::size_t i = lines.size(); i-- > 0;)
    if (is_own_setting(lines[i], wanted_name)) take_out(lines, i, edit);
  if (value) append_own(lines, setting);
  return finished(text, lines, std::move(edit));
}

TextEdit hand_listen_to_vendor(std::string_view text) {
  TextEdit edit = edit_listen(text, std::nullopt);
  if (own_listen_lines(text).empty()) return edit;
  if (!edit.text.empty() && !edit.text.ends_with('\n')) edit.text += '\n';
  const auto number =
      static_cast<std::size_t>(std::count(edit.text.begin(), edit.text.end(), '\n')) + 1;
  edit.text += std::string(kVendorListenLine) + "\n";
  edit.added.push_back({number, std::string(kVendorListenLine)});
  return edit;
}

}  // namespace tandem
