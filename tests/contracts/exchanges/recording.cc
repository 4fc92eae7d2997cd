#include "tests/contracts/exchanges/recording.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace tandem::exchanges {
namespace {

namespace fs = std::filesystem;

Headers headers_in(const Json& object) {
  Headers headers;
  for (const auto& [name, value] : object.items()) headers[name] = value;
  return headers;
}

// A body of null is none where no media type was sent, and else the JSON word.
std::string body_of(const Json& request) {
  const Json body = request.value("body", Json());
  if (body.is_string()) return body;
  const bool typed = request.at("headers").contains("content-type");
  return body.is_null() && !typed ? "" : body.dump();
}

Recording recording_in(const Json& line, const std::string& name) {
  const Json& request = line.at("request");
  const Json& response = line.at("response");
  Recording recording;
  recording.name = name;
  recording.service = name.substr(0, name.find('-'));
  recording.method = request.at("method");
  recording.path = request.at("path");
  recording.headers = headers_in(request.at("headers"));
  recording.body = body_of(request);
  recording.status = response.at("status");
  recording.answer_headers = headers_in(response.at("headers"));
  recording.answer_headers.erase("server");
  recording.answer = response.at("body");
  recording.text = response.value("text", response.value("body_is_text", false));
  return recording;
}

Json parsed(const std::string& text, const fs::path& file) {
  try {
    return Json::parse(text);
  } catch (const Json::exception& problem) {
    throw std::runtime_error(file.string() + ": " + problem.what());
  }
}

void add_fixtures(const fs::path& file, Recordings& all) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const Json exchange = parsed(line, file);
    const std::string name = exchange.at("name");
    all[name] = recording_in(exchange, name);
  }
}

void add_raw(const fs::path& file, Recordings& all) {
  std::ifstream in(file);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const Json exchange = parsed(text, file);
  const std::string name =
      exchange.at("service").get<std::string>() + "-" + exchange.at("name").get<std::string>();
  all[name] = recording_in(exchange, name);
}

}  // namespace

std::string Recording::answer_body() const {
  if (!text) return answer.dump();
  const auto type = answer_headers.find("content-type");
  const bool json = type != answer_headers.end() && type->second == "application/json";
  return json && answer != Json("") ? answer.dump() : answer.get<std::string>();
}

std::optional<std::string> raw_folder() {
  const char* folder = std::getenv("TANDEM_EXCHANGES");
  if (folder == nullptr || *folder == '\0') return std::nullopt;
  return folder;
}

Recordings load_recordings() {
  Recordings all;
  const auto raw = raw_folder();
  const fs::path folder = raw ? fs::path(*raw) : fs::path(TANDEM_EXCHANGE_FIXTURES);
  for (const auto& entry : fs::directory_iterator(folder)) {
    const auto extension = entry.path().extension();
    if (!raw && extension == ".jsonl") add_fixtures(entry.path(), all);
    if (raw && extension == ".json") add_raw(entry.path(), all);
  }
  if (all.empty()) throw std::runtime_error("no recordings in " + folder.string());
  return all;
}

}  // namespace tandem::exchanges
