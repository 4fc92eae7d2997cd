// How problems quote what a person typed, and how they suggest what was meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tandem {

inline constexpr std::size_t kQuotedCharactersMax = 40;

// 'text' in quotes: escaped, cut behind kQuotedCharactersMax, a URL behind its host ("https://h/").
std::string in_quotes(std::string_view text);

// A name as a part of a path: as it is where it is harmless, else quoted, and cut at a slash.
std::string path_part(std::string_view name);

// `parent`.`name`, or `name` at the top.
std::string join_path(std::string_view parent, std::string_view name);

// "a", "a or b", "a, b or c".
std::string either(const std::vector<std::string>& words);

// "a|b|c" to its words; nothing for an empty text.
std::vector<std::string> split(std::string_view words, char separator = '|');

// The number of letters to insert, delete, replace or swap with a neighbour to make one of the
// other.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The candidate that `name` is probably a misspelling of; empty if none is near.
std::string nearest(std::string_view name, const std::vector<std::string>& candidates);

// The number of bytes of the UTF-8 character at `at`; 0 if it is not valid UTF-8.
std::size_t utf8_length(std::string_view text, std::size_t at);

// The lines of a text in one, "; " between them: where a text is shown in one line their ends would
// be masked.
std::string joined_lines(std::string_view lines);

// What somebody else says, as it may stand in a sentence of ours: valid UTF-8 in one line, without
// what steers a terminal or turns the direction of a text, and with ' for each backquote, since
// what stands between those in our own sentences is offered as a command. Cut with "..." between
// two characters.
std::string foreign_words(std::string_view text, std::size_t bytes_max = 300);
// The last line of what a program said that has words, as foreign_words(); "" where none has. A
// program's complaints end with the one that matters.
std::string last_foreign_line(std::string_view text);
// Whether the character, as bytes of UTF-8, is shown and steers nothing.
bool is_shown(std::string_view character);

// "secondary_serves" to "SecondaryServes".
std::string camel_case(std::string_view snake_case);

}  // namespace tandem
