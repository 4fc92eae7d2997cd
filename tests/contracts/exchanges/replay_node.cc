#include "tests/contracts/exchanges/replay_node.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>

#include "tests/wazo_sim/http/plain_client.h"

namespace tandem::exchanges {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSubtenant = "c6ee549b-b87e-44a5-8731-9302d8a5e2c3";
constexpr const char* kSubtenantTemplate = "57f9b08d-7975-445d-b7d1-0bc1d7d78330";
constexpr const char* kOperator = "dGFuZGVtOnRhbmRlbQ==";  // tandem:tandem

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
  return text;
}

std::string base64(const std::string& bytes) {
  static constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  unsigned value = 0;
  int bits = 0;
  for (const unsigned char byte : bytes) {
    value = value << 8U | byte;
    for (bits += 8; bits >= 6; bits -= 6)
      text += kDigits[value >> static_cast<unsigned>(bits - 6) & 63U];
  }
  if (bits > 0) text += kDigits[value << static_cast<unsigned>(6 - bits) & 63U];
  while (text.size() % 4 != 0) text += '=';
  return text;
}

Headers headers_of(const wazo_sim::Answer& answer) {
  Headers headers;
  std::istringstream lines(answer.head);
  std::string line;
  std::getline(lines, line);  // the status
  while (std::getline(lines, line)) {
    const auto colon = line.find(": ");
    if (colon == std::string::npos) continue;
    headers[wazo_sim::lower_case(line.substr(0, colon))] =
        line.substr(colon + 2, line.size() - colon - 3);  // without the CR
  }
  return headers;
}

// The vendor's proxy hands on what is behind "/api/SERVICE", and says under which name it did.
std::string behind_the_proxy(const Recording& recording, std::string& service) {
  if (recording.service != "nginx") return recording.path;
  const auto end = recording.path.find('/', std::string("/api/").size());
  service = recording.path.substr(5, end - 5);
  return recording.path.substr(end);
}

}  // namespace

ReplayNode::ReplayNode(Replays& replays, Start start) : replays_(replays), credentials_(kOperator) {
  std::string name = testing::TempDir() + "exchanges_XXXXXX";
  folder_ = mkdtemp(name.data());
  wazo_sim::Options options;
  options.root = folder_ / "root";
  options.state = folder_ / "state";
  options.seed = 7;
  options.unconfigured = start == Start::before_the_wizard;
  node_ = std::make_unique<wazo_sim::Simulator>(options);
  control("PUT", "/acl", Json::array({"#"}));
  token_ = full_token();
}

ReplayNode::~ReplayNode() {
  node_.reset();
  fs::remove_all(folder_);
}

void ReplayNode::present_credentials(const std::string& pair) { credentials_ = base64(pair); }

std::string ReplayNode::new_token(const std::string& pair, int seconds) {
  const auto answer =
      wazo_sim::ask(node_->port("auth"), "POST", "/0.1/token",
                    {{"Authorization", "Basic " + pair}, {"Content-Type", "application/json"}},
                    Json({{"expiration", seconds}}).dump());
  return Json::parse(answer.body).at("data").at("token");
}

std::string ReplayNode::full_token(int seconds) { return new_token(kOperator, seconds); }

std::string ReplayNode::token_with(const Json& acl, const std::string& tenant) {
  Json user = {{"name", "somebody"}, {"password", "x"}, {"acl", acl}};
  if (!tenant.empty()) user["tenant_uuid"] = tenant;
  control("POST", "/users", user);
  return new_token(base64("somebody:x"), 3600);
}

Json ReplayNode::control(const std::string& method, const std::string& path, const Json& body) {
  const auto answer =
      wazo_sim::ask(node_->port("control"), method, path, {}, body.is_null() ? "" : body.dump());
  EXPECT_TRUE(answer.status == 200 || answer.status == 201)
      << method << ' ' << path << ": " << answer.status << ' ' << answer.body;
  return Json::parse(answer.body, nullptr, false);
}

void ReplayNode::add_subtenant(bool with_templates) {
  control("POST", "/tenants",
          {{"name", "sub1"},
           {"uuid", kSubtenant},
           {"template_uuid", kSubtenantTemplate},
           {"templates", with_templates}});
}

int ReplayNode::ask(const std::string& service, const std::string& method, const std::string& path,
                    const std::string& body) {
  const std::string type =
      service == "provd" ? "application/vnd.proformatique.provd+json" : "application/json";
  return wazo_sim::ask(node_->port(service), method, path,
                       {{"X-Auth-Token", token_}, {"Content-Type", type}}, body)
      .status;
}

void ReplayNode::replay(std::initializer_list<const char*> names) { replay_all("", names); }

void ReplayNode::replay_all(const std::string& prefix, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    SCOPED_TRACE(prefix + name);
    const auto found = replays_.recordings.find(prefix + name);
    if (found == replays_.recordings.end()) {
      ADD_FAILURE() << "no such recording";
      continue;
    }
    replay_one(found->second);
    replays_.done.insert(found->first);
  }
}

void ReplayNode::replay_one(const Recording& recording) {
  std::string service = recording.service;
  const std::string target = behind_the_proxy(recording, service);
  const auto filled_in = [&](const std::string& text) {
    return bindings.applied(replaced(replaced(text, "<token>", token_), "<basic credentials>",
                                     "Basic " + credentials_));
  };
  wazo_sim::Headers headers;
  for (const auto& [name, value] : recording.headers) headers.emplace_back(name, filled_in(value));
  if (recording.service == "nginx") {
    headers.emplace_back("X-Script-Name", "/api/" + service);
    headers.emplace_back("Host", "127.0.0.1:18443");
  }
  const auto got = wazo_sim::ask(node_->port(service), recording.method, filled_in(target), headers,
                                 filled_in(recording.body));

  EXPECT_EQ(got.status, recording.status) << got.body;
  const bool sent_token = recording.headers.contains("x-auth-token");
  Likeness likeness(bindings, sent_token ? token_ : "");
  const Json document = Json::parse(got.body, nullptr, false);
  if (document.is_discarded() || recording.answer == Json(""))
    likeness.compare_texts(recording.answer_body(), got.body, "body");
  else
    likeness.compare_documents(recording.answer, document, "body");
  likeness.compare_headers(recording, headers_of(got));
  for (const std::string& difference : likeness.differences()) ADD_FAILURE() << difference;
}

std::string ReplayNode::read(const std::string& file) const {
  std::ifstream in(path(file), std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void ReplayNode::write(const std::string& file, const std::string& text) const {
  fs::create_directories(path(file).parent_path());
  std::ofstream(path(file), std::ios::binary) << text;
}

void ReplayNode::remove(const std::string& file) const { fs::remove_all(path(file)); }

}  // namespace tandem::exchanges
