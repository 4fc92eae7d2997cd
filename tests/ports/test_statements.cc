#include "tests/ports/test_statements.h"

#include <libpq-fe.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <stdexcept>

namespace tandem {
namespace {

constexpr uid_t kAsItIs = static_cast<uid_t>(-1);

bool of_a_name(char letter) {
  return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_';
}

// Where what begins at `at` ends, if text in which no ";" counts begins there; else `at`.
std::size_t end_of_quoted(const std::string& text, std::size_t at) {
  const auto after = [&](const std::string& end, std::size_t from) {
    const std::size_t found = text.find(end, from);
    return found == std::string::npos ? text.size() : found + end.size();
  };
  if (text[at] == '\'' || text[at] == '"') {
    const bool escapes = text[at] == '\'' && at > 0 &&
                         (text[at - 1] == 'e' || text[at - 1] == 'E') &&
                         (at < 2 || !of_a_name(text[at - 2]));
    std::size_t end = at + 1;
    while (end < text.size() && text[end] != text[at]) end += escapes && text[end] == '\\' ? 2 : 1;
    return std::min(end + 1, text.size());
  }
  if (text.compare(at, 2, "--") == 0) return after("\n", at);
  if (text.compare(at, 2, "/*") == 0) return after("*/", at);
  if (text[at] != '$' || (at > 0 && of_a_name(text[at - 1]))) return at;
  std::size_t tag = at + 1;
  while (tag < text.size() && of_a_name(text[tag])) ++tag;
  const bool is_tag = tag < text.size() && text[tag] == '$' &&
                      std::isdigit(static_cast<unsigned char>(text[at + 1])) == 0;
  return is_tag ? after(text.substr(at, tag + 1 - at), tag + 1) : at;
}

bool says_something(const std::string& text) {
  return std::any_of(text.begin(), text.end(),
                     [](unsigned char letter) { return std::isspace(letter) == 0; });
}

// The server asks the kernel who connected. This thread alone is somebody else for the moment.
std::unique_ptr<PGconn, decltype(&PQfinish)> connect_as(const std::string& conninfo,
                                                        std::optional<uid_t> as) {
  if (as) syscall(SYS_setresuid, kAsItIs, *as, kAsItIs);
  std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(conninfo.c_str()), PQfinish);
  if (as) syscall(SYS_setresuid, kAsItIs, getuid(), kAsItIs);
  if (PQstatus(connection.get()) != CONNECTION_OK)
    throw std::runtime_error(std::string("psql: ") + PQerrorMessage(connection.get()));
  PQsetNoticeProcessor(
      connection.get(), [](void*, const char*) {}, nullptr);
  return connection;
}

void print(const PGresult* result, std::string& output) {
  for (int row = 0; row < PQntuples(result); ++row) {
    for (int field = 0; field < PQnfields(result); ++field) {
      if (field > 0) output += '|';
      output.append(PQgetvalue(result, row, field),
                    static_cast<std::size_t>(PQgetlength(result, row, field)));
    }
    output += '\n';
  }
}

}  // namespace

std::vector<std::string> split_statements(const std::string& text) {
  std::vector<std::string> statements;
  std::size_t begin = 0, at = 0;
  const auto take = [&](std::size_t end) {
    std::string statement = text.substr(begin, end - begin);
    if (says_something(statement)) statements.push_back(std::move(statement));
    begin = at = end + 1;
  };
  while (at < text.size()) {
    const std::size_t end = end_of_quoted(text, at);
    if (end > at)
      at = end;
    else if (text[at] == ';')
      take(at);
    else
      ++at;
  }
  if (begin < text.size()) take(text.size());
  return statements;
}

std::string run_statements(const std::string& conninfo, const std::string& text,
                           std::optional<uid_t> as) {
  const auto connection = connect_as(conninfo, as);
  std::string output;
  for (const std::string& statement : split_statements(text)) {
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(
        PQexec(connection.get(), statement.c_str()), PQclear);
    const ExecStatusType status = PQresultStatus(result.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && status != PGRES_EMPTY_QUERY)
      throw std::runtime_error(std::string("psql: ") + PQerrorMessage(connection.get()));
    print(result.get(), output);
  }
  return output;
}

}  // namespace tandem
