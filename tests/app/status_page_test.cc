// The status page as it is served: its files are in the program, and nothing else is let in.
#include "app/status_page.h"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <regex>

#include "app/command_table.h"
#include "app/night_document.h"
#include "core/remedies.h"

namespace tandem {
namespace {

using testing::HasSubstr;
using testing::Not;

ServedRequest asked(const std::string& path, const std::string& accept = "text/html,*/*;q=0.8") {
  ServedRequest request;
  request.method = "GET";
  request.path = path;
  request.headers["Accept"] = accept;
  return request;
}

std::string source(std::string_view name) {
  std::ifstream file(std::string(TANDEM_SOURCE_DIR) + "/app/page/" + std::string(name));
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(StatusPage, IsTheFilesAsTheyAre) {
  ASSERT_GE(page_files().size(), 5U);
  std::size_t bytes = 0;
  for (const PageFile& file : page_files()) {
    EXPECT_EQ(file.text, source(file.name)) << file.name;
    bytes += file.text.size();
  }
  EXPECT_LT(bytes, 150'000U);
}

TEST(StatusPage, ServesEachFileByItsTypeUnderAStrictPolicy) {
  for (const PageFile& file : page_files()) {
    const bool index = file.name == "index.html";
    const auto answer = page_answer(asked(index ? "/" : "/" + std::string(file.name)));
    SCOPED_TRACE(file.name);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, file.text);
    EXPECT_EQ(answer.headers.at("Content-Type"),
              file.name.ends_with(".css")   ? "text/css; charset=utf-8"
              : file.name.ends_with(".mjs") ? "text/javascript; charset=utf-8"
                                            : "text/html; charset=utf-8");
    EXPECT_THAT(answer.headers.at("Content-Security-Policy"),
                HasSubstr("default-src 'none'; script-src 'self'; style-src 'self'; connect-src "
                          "'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'; "
                          "form-action 'none'"));
    EXPECT_EQ(answer.headers.at("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(answer.headers.at("Referrer-Policy"), "no-referrer");
    EXPECT_EQ(answer.headers.at("Cache-Control"), "no-cache");
  }
}

TEST(StatusPage, IsSentAgainOnlyWhereItIsAnother) {
  ServedRequest request = asked("/page.css");
  const auto first = page_answer(request);
  request.headers["If-None-Match"] = "W/" + first.headers.at("ETag");
  const auto again = page_answer(request);
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
  EXPECT_EQ(again.headers.at("ETag"), first.headers.at("ETag"));
  request.headers["If-None-Match"] = "\"another\"";
  EXPECT_EQ(page_answer(request).status, 200);
  EXPECT_NE(first.headers.at("ETag"), page_answer(asked("/page.mjs")).headers.at("ETag"));
}

TEST(StatusPage, HasNoOtherFile) {
  for (const char* path :
       {"/index.html", "/page", "/../page.css", "page.css", "//page.css", "/page.css/"}) {
    EXPECT_FALSE(is_page(path)) << path;
  }
  EXPECT_TRUE(is_page("/page.mjs"));
  EXPECT_EQ(page_answer(asked("/nowhere")).status, 404);
}

TEST(StatusPage, IsForBrowsers) {
  EXPECT_TRUE(wants_page(asked("/")));
  for (const char* accept : {"*/*", "text/plain", "application/json", ""})
    EXPECT_FALSE(wants_page(asked("/", accept))) << accept;
}

// The policy would stop it; a reviewer should not have to think about it at all.
TEST(StatusPage, MakesNoTextIntoMarkupAndAsksNobodyElse) {
  const std::regex forbidden(
      "innerHTML|outerHTML|insertAdjacentHTML|document\\.write|\\beval\\b|new Function|DOMParser|"
      "\\son[a-z]+=|style=|<script>|@import|https?://(?!www\\.w3\\.org/)");
  for (const PageFile& file : page_files()) {
    const std::string text(file.text);
    std::smatch found;
    EXPECT_FALSE(std::regex_search(text, found, forbidden)) << file.name << ": " << found.str();
  }
}

// What a message may name without backquotes is a command of this program.
TEST(StatusPage, OffersCommandsThatThereAre) {
  for (const std::string_view name : commands_known()) {
    const auto& table = command_table();
    EXPECT_TRUE(std::any_of(table.begin(), table.end(), [&](const CommandEntry& entry) {
      return entry.name == name;
    })) << name;
  }
}

}  // namespace
}  // namespace tandem
