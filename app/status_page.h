// The status page: files that are a part of the program (app/page), and how they are served. The
// page itself asks the API for all that it shows.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "ports/http_server.h"

namespace tandem {

struct PageFile {
  std::string_view name;    // "index.html"
  std::string_view digest;  // of the text: changes with it
  std::string_view text;
};

// All of them; written by cmake/embed_page.cmake.
std::span<const PageFile> page_files();

// Whether the path is one of the page's files, beside `/`.
bool is_page(std::string_view path);

// A browser asks for text/html, by name; curl and the like get the list of paths.
bool wants_page(const ServedRequest& request);

// The file of the path, `/` being index.html: 200, or 304 where the reader has it already; 404.
ServedResponse page_answer(const ServedRequest& request);

}  // namespace tandem
