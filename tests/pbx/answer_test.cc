#include "pbx/answer.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

HttpResponse answer(int status, std::string body, std::string type = "application/json") {
  HttpResponse response;
  response.status = status;
  response.headers["content-type"] = std::move(type);
  response.body = std::move(body);
  return response;
}

TEST(Answer, ReadsAllShapesOfRefusal) {
  EXPECT_EQ(refusal(answer(400, R"(["Input Error - x"])"), {}), "Input Error - x");
  EXPECT_EQ(refusal(answer(500, R"({"message":"Internal Server Error"})"), {}),
            "Internal Server Error");
  EXPECT_EQ(refusal(answer(401, R"({"reason":["Authentication Failed"],"status_code":401})"), {}),
            "Authentication Failed");
  EXPECT_EQ(refusal(answer(404, "No such resource", "text/plain; charset=ascii"), {}),
            "No such resource");
  EXPECT_EQ(refusal(answer(401, "Unauthorized", "text/html"), {}), "Unauthorized");
}

TEST(Answer, ShowsNothingOfAPageOrOfAnUnknownShape) {
  const std::string page = "<html><head><title>Processing Failed</title></head></html>";
  EXPECT_EQ(refusal(answer(500, page, "text/html"), {}), "");
  EXPECT_EQ(refusal(answer(502, "\n" + page, "text/plain"), {}), "");
  EXPECT_EQ(refusal(answer(400, R"([["nested"]])"), {}), "");
  EXPECT_EQ(refusal(answer(400, R"({"password":"x"})"), {}), "");
  EXPECT_EQ(refusal(answer(500, ""), {}), "");
}

TEST(Answer, HidesThePresentedTokenWhereverItIs) {
  const std::vector<std::string> secrets{"abc-123"};
  EXPECT_EQ(refusal(answer(401, R"json(["('abc-123', 'confd.ha.update', None)"])json"), secrets),
            "('<token>', 'confd.ha.update', None)");
  EXPECT_EQ(refusal(answer(401, R"(["abc-123"])"), secrets), "<token>");
}

TEST(Answer, HidesATokenOfSomebodyElseInAPath) {
  EXPECT_EQ(safe_text("exceeded with url: /0.1/token/e1f0-77?scope=confd.ha.read (Caused", {}),
            "exceeded with url: /0.1/token/<token>?scope=confd.ha.read (Caused");
}

TEST(Answer, IsOneShortLineOfText) {
  EXPECT_EQ(safe_text("one\r\n\ttwo\x1b[31m\n", {}), "one two [31m");
  const std::string text = safe_text(std::string(1000, 'x'), {});
  EXPECT_EQ(text.size(), 203u);
  EXPECT_TRUE(text.ends_with("xxx..."));
  EXPECT_EQ(safe_text("caf\xc3\xa9 \xff!", {}), "caf\xc3\xa9 !");
}

TEST(Answer, TellsByTheStatusWhatACallerMayDo) {
  EXPECT_EQ(refusal_error("confd", answer(401, "[]"), {}).fault, Fault::denied);
  EXPECT_EQ(refusal_error("confd", answer(403, "[]"), {}).fault, Fault::denied);
  EXPECT_EQ(refusal_error("confd", answer(404, "[]"), {}).fault, Fault::not_found);
  EXPECT_EQ(refusal_error("confd", answer(500, "[]"), {}).fault, Fault::unavailable);
  EXPECT_EQ(refusal_error("confd", answer(503, "[]"), {}).fault, Fault::unavailable);
  EXPECT_EQ(refusal_error("confd", answer(429, "[]"), {}).fault, Fault::unavailable);
  EXPECT_EQ(refusal_error("provd", answer(415, "[]"), {}).fault, Fault::invalid);
  EXPECT_EQ(refusal_error("confd", answer(302, ""), {}).fault, Fault::invalid);
}

TEST(Answer, ExplainsABurstOf503) {
  EXPECT_EQ(refusal_error("confd", answer(503, R"(["down"])"), {}).message,
            "confd answered 503 (as in a burst while PostgreSQL restarts, or when wazo-auth is "
            "down): down");
}

}  // namespace
}  // namespace tandem
