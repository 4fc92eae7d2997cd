// A text as lines that can be taken out and put in, with every other byte kept.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tandem {

struct TextLine {
  std::string text;        // without its end
  std::string end;         // "\n" or "\r\n"; of a last line also "" or "\r"
  std::size_t number = 0;  // from 1, in the text that was split; 0: it was not there
};

std::vector<TextLine> split_lines(std::string_view text);
std::string join_lines(const std::vector<TextLine>& lines);

// How lines of this text end: as its first one does.
std::string line_end_of(const std::vector<TextLine>& lines);

// Without blanks and tabs at both ends.
std::string_view without_blanks(std::string_view text);

}  // namespace tandem
