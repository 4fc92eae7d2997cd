// Every generated file of the project, with its path in the source tree.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace tandem {

struct GeneratedFile {
  std::string path;  // "docs/reference/metrics.md"
  std::string text;
};

std::vector<GeneratedFile> generated_files();

// A part of a page that is otherwise written by hand: what stands between the two marks.
struct GeneratedPart {
  std::string path;
  std::string text;
};
inline constexpr const char* kPartBegins = "<!-- generated: scripts/reference -->\n";
inline constexpr const char* kPartEnds = "<!-- end of generated -->\n";
std::vector<GeneratedPart> generated_parts();
// `page` with the part in its place; nullopt: it has no marks.
std::optional<std::string> with_part(const std::string& page, const GeneratedPart& part);

}  // namespace tandem
