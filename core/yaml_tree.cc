#include "core/yaml_tree.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <utility>

#include "core/wording.h"

namespace tandem {
namespace {

using Kind = YamlValue::Kind;

// Ends the parsing from inside an event; caught in read_yaml.
struct Refusal {
  Place place;
  std::string message;
};

// yaml-cpp counts bytes from 0; people count characters from 1.
class Places {
 public:
  explicit Places(std::string_view text) : text_(text) {
    line_starts_.push_back(0);
    for (std::size_t i = 0; i < text.size(); ++i)
      if (text[i] == '\n') line_starts_.push_back(i + 1);
  }

  Place of(const YAML::Mark& mark) const {
    if (mark.is_null()) return {};
    const auto line = static_cast<std::size_t>(std::max(mark.line, 0));
    if (line >= line_starts_.size()) return at(text_.size());
    const auto column = static_cast<std::size_t>(std::max(mark.column, 0));
    return at(std::min(line_starts_[line] + column, text_.size()));
  }

  Place at(std::size_t offset) const {
    const auto after = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
    const auto start = *(after - 1);
    // Events come in the order of the file. To count on from the one before keeps a line of a
    // hundred thousand values from costing its square.
    if (counted_from_ != start || offset < counted_to_) {
      counted_from_ = counted_to_ = start;
      characters_ = 0;
    }
    const auto more = text_.substr(counted_to_, offset - counted_to_);
    characters_ += std::count_if(more.begin(), more.end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    });
    counted_to_ = offset;
    return {static_cast<int>(after - line_starts_.begin()), static_cast<int>(characters_) + 1};
  }

 private:
  std::string_view text_;
  std::vector<std::size_t> line_starts_;
  mutable std::size_t counted_from_ = 0, counted_to_ = 0;
  mutable std::ptrdiff_t characters_ = 0;
};

// Builds the tree from yaml-cpp's events and refuses what could hurt a reader.
class Gate : public YAML::EventHandler {
 public:
  Gate(const Places& places, std::string_view file, Names names)
      : places_(places), file_(file), names_(names) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1)
      refuse(mark, "a second document starts here; a file must have exactly one");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(scalar(Kind::null, mark, ""), anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    refuse_tag(mark, tag);
    auto value = scalar(Kind::scalar, mark, text);
    value.quoted = tag == "!";
    add(std::move(value), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Kind::list, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Kind::map, mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;

  YamlValue take_top() { return std::move(top_); }
  std::vector<SpecProblem> take_problems() { return std::move(problems_); }
  const Place& last_place() const { return last_place_; }

 private:
  struct Frame {
    YamlValue value;
    YAML::anchor_t anchor;
    std::string path;
    bool expects_name;
    YamlEntry entry;              // the name whose value comes next
    bool repeated;                // it was given before: its value is dropped
    std::set<std::string> names;  // all seen so far
  };

  [[noreturn]] void refuse(const YAML::Mark& mark, std::string message) const {
    throw Refusal{places_.of(mark), std::move(message)};
  }

  void refuse_tag(const YAML::Mark& mark, const std::string& tag) const {
    if (!tag.empty() && tag != "?" && tag != "!")
      refuse(mark, "a YAML tag is not allowed here; the value must stand without it");
  }

  YamlValue scalar(Kind kind, const YAML::Mark& mark, const std::string& text) {
    YamlValue value;
    value.kind = kind;
    value.text = text;
    value.place = last_place_ = places_.of(mark);
    return value;
  }

  void count_values(const YAML::Mark& mark, std::size_t count) {
    values_ += count;
    if (values_ > static_cast<std::size_t>(kSpecValuesMax))
      refuse(mark, fmt::format("too many values; at most {} are read", kSpecValuesMax));
  }

  void open(Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor);
  void close();
  void add(YamlValue value, YAML::anchor_t anchor);
  void add_name(Frame& frame, const YamlValue& value);
  std::string path_of_next() const;

  const Places& places_;
  std::string file_;
  Names names_;
  YamlValue top_;
  std::vector<Frame> frames_;
  std::map<YAML::anchor_t, YamlValue> anchors_;  // complete scalars and flat maps only
  std::vector<SpecProblem> problems_;
  std::size_t values_ = 0;
  int aliases_ = 0;
  int documents_ = 0;
  Place last_place_;
};

std::string Gate::path_of_next() const {
  if (frames_.empty()) return "";
  const Frame& parent = frames_.back();
  if (parent.value.kind == Kind::list)
    return fmt::format("{}[{}]", parent.path, parent.value.items.size());
  return join_path(parent.path, parent.entry.name);
}

void Gate::open(Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
  refuse_tag(mark, tag);
  if (!frames_.empty() && frames_.back().expects_name)
    refuse(mark, "a name must not be a list or a map; it must be plain text followed by ':'");
  if (frames_.size() >= static_cast<std::size_t>(kSpecDepthMax))
    refuse(mark, fmt::format("nested too deeply; at most {} levels are read", kSpecDepthMax));
  count_values(mark, 1);
  auto path = path_of_next();
  frames_.push_back(
      {scalar(kind, mark, ""), anchor, std::move(path), kind == Kind::map, {}, false, {}});
}

void Gate::close() {
  Frame done = std::move(frames_.back());
  frames_.pop_back();
  add(std::move(done.value), done.anchor);
}

bool is_flat(const YamlValue& value) {
  if (value.kind == Kind::list) return false;
  return std::all_of(value.entries.begin(), value.entries.end(), [](const YamlEntry& entry) {
    return entry.value.kind == Kind::null || entry.value.kind == Kind::scalar;
  });
}

void Gate::add(YamlValue value, YAML::anchor_t anchor) {
  if (value.kind == Kind::null || value.kind == Kind::scalar) count_values({}, 1);
  if (anchor != YAML::NullAnchor && is_flat(value)) anchors_[anchor] = value;
  if (frames_.empty()) {
    top_ = std::move(value);
    return;
  }
  Frame& parent = frames_.back();
  if (parent.value.kind == Kind::list) {
    parent.value.items.push_back(std::move(value));
  } else if (parent.expects_name) {
    add_name(parent, value);
  } else {
    parent.entry.value = std::move(value);
    if (!parent.repeated) parent.value.entries.push_back(std::move(parent.entry));
    parent.entry = {};
    parent.expects_name = true;
  }
}

void Gate::add_name(Frame& frame, const YamlValue& value) {
  if (value.kind == Kind::null)
    throw Refusal{value.place, "a name is missing before ':'; it must be plain text"};
  frame.entry.name = value.text;
  frame.entry.place = value.place;
  frame.expects_name = false;
  frame.repeated = !frame.names.insert(value.text).second;
  if (!frame.repeated) return;
  const auto path = names_ == Names::shown ? join_path(frame.path, value.text) : frame.path;
  if (problems_.size() < kSpecProblemsMax)
    problems_.push_back(
        {file_, value.place.line, value.place.column, path, "is given twice; one of them must go"});
}

// Since an alias means only a scalar or a flat map, no chain of them can grow: an alias costs at
// most the values of its anchor, and these count.
void Gate::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  if (++aliases_ > kSpecAliasesMax)
    refuse(mark, fmt::format("too many aliases; at most {} are read", kSpecAliasesMax));
  if (!frames_.empty() && frames_.back().expects_name)
    refuse(mark, "a name must not be an alias; it must be written out");
  const auto found = anchors_.find(anchor);
  if (found == anchors_.end())
    refuse(mark, "an alias may only mean an earlier scalar or flat map; write the value out");
  YamlValue value = found->second;
  count_values(mark, value.entries.size() * 2);
  value.place = last_place_ = places_.of(mark);
  for (auto& entry : value.entries) entry.place = entry.value.place = value.place;
  add(std::move(value), YAML::NullAnchor);
}

std::string without_detail(const std::string& message) {
  // This one message shows a character of the file.
  constexpr std::string_view kEscape = "unknown escape character";
  if (message.starts_with(kEscape))
    return "unknown escape after '\\'; write '\\\\' for a backslash, or use single quotes";
  if (message == "end of map not found" || message == "end of sequence not found")
    return "the indentation or a ':' is wrong here; fields of one object must stand in one column";
  if (message == "illegal map value")
    return "a ':' is not expected here; a text that has ': ' must be in quotes";
  return message + "; this must be valid YAML";
}

// What looks right in an editor is the commonest reason why a parser stops.
bool is_indented_by_a_tab(std::string_view text, int line) {
  for (int at = 1; at < line; ++at) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return false;
    text.remove_prefix(end + 1);
  }
  const auto begin = text.substr(0, text.find_first_not_of(" \t"));
  return begin.find('\t') != std::string_view::npos;
}

// The bytes that no file of ours may have, whatever YAML says of them.
std::optional<Refusal> refuse_bytes(std::string_view text, const Places& places) {
  for (std::size_t at = 0; at < text.size();) {
    const auto length = utf8_length(text, at);
    const auto byte = static_cast<unsigned char>(text[at]);
    if (length == 0)
      return Refusal{places.at(at),
                     fmt::format("byte 0x{:02x} is not UTF-8; the file must be saved "
                                 "as UTF-8",
                                 byte)};
    if (byte == 0) return Refusal{places.at(at), "a NUL byte; the file must be text"};
    const bool lone_return = byte == '\r' && (at + 1 == text.size() || text[at + 1] != '\n');
    const bool allowed = byte >= 0x20 || byte == '\t' || byte == '\n' || byte == '\r';
    if (!allowed || byte == 0x7F || lone_return)
      return Refusal{places.at(at), fmt::format("control character 0x{:02x}; remove it", byte)};
    at += length;
  }
  return std::nullopt;
}

}  // namespace

YamlDocument read_yaml(std::string_view text, std::string_view file, Names names) {
  YamlDocument document;
  const auto refused = [&](const Place& place, std::string message) {
    document.problems.push_back(
        {std::string(file), place.line, place.column, "", std::move(message)});
    return std::move(document);
  };
  if (text.size() > kSpecBytesMax)
    return refused({}, fmt::format("larger than 1 MiB; at most {} bytes are read", kSpecBytesMax));
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const Places places(text);
  if (auto bad = refuse_bytes(text, places)) return refused(bad->place, std::move(bad->message));

  // The end marker makes an unclosed quote an error: without it yaml-cpp takes the rest of the
  // file.
  std::istringstream stream(std::string(text) + "\n...\n");
  Gate gate(places, file, names);
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(gate)) continue;
  } catch (const Refusal& refusal) {
    document.problems = gate.take_problems();
    return refused(refusal.place, refusal.message);
  } catch (const YAML::Exception& error) {
    document.problems = gate.take_problems();
    if (error.msg == "illegal document indicator in scalar")
      return refused(gate.last_place(), "a quote opened after this is never closed; close it");
    if (is_indented_by_a_tab(text, places.of(error.mark).line))
      return refused(places.of(error.mark), "this line is indented by a tab; indent with spaces");
    return refused(places.of(error.mark), without_detail(error.msg));
  }
  document.problems = gate.take_problems();
  document.top = gate.take_top();
  return document;
}

}  // namespace tandem
