// libFuzzer's entry for the edits of pg_hba.conf and postgresql.conf. postgres_files_fuzz_test.cc
// drives it with a fixed seed.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include "pbx/postgres_files.h"
#include "pbx/text_lines.h"

namespace {

using tandem::HbaWanted;
using tandem::TextEdit;

void require(bool holds) {
  if (!holds) std::abort();
}

// Every line that an edit neither took out nor put in stands in both texts, in the same order.
void require_others_untouched(std::string_view before, const TextEdit& edit) {
  auto kept = tandem::split_lines(before), now = tandem::split_lines(edit.text);
  std::set<std::size_t> removed, added;
  for (const auto& line : edit.removed) removed.insert(line.number);
  for (const auto& line : edit.added) added.insert(line.number);
  std::erase_if(kept, [&](const auto& line) { return removed.contains(line.number); });
  std::erase_if(now, [&](const auto& line) { return added.contains(line.number); });
  // An empty line may have been needed to end a last one that goes on.
  if (now.size() == kept.size() + 1 && now.back().text.empty()) now.pop_back();
  require(now.size() == kept.size());
  for (std::size_t i = 0; i < now.size(); ++i) {
    require(now[i].text == kept[i].text);
    const bool at_the_end = i + 1 == now.size() || !kept[i].end.ends_with('\n');
    require(now[i].end == kept[i].end || at_the_end);
  }
}

void edit_rules(std::string_view text, const HbaWanted& wanted) {
  const TextEdit edit = tandem::edit_hba(text, wanted);
  require_others_untouched(text, edit);
  require(edit.changes() == (edit.text != text));
  require(!tandem::edit_hba(edit.text, wanted).changes());

  // What was put in and taken back leaves no trace.
  HbaWanted none = wanted;
  none.admits = false;
  none.vendor = HbaWanted::Vendor::leftovers_absent;
  const TextEdit clean = tandem::edit_hba(text, none);
  none.admits = true;
  const TextEdit with = tandem::edit_hba(clean.text, none);
  none.admits = false;
  require(tandem::edit_hba(with.text, none).text == clean.text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  require(tandem::join_lines(tandem::split_lines(text)) == text);

  HbaWanted wanted;
  wanted.peers = {"10.0.0.1", "10.1.0.1"};
  for (const auto vendor :
       {HbaWanted::Vendor::present, HbaWanted::Vendor::absent, HbaWanted::Vendor::leftovers_absent})
    for (const auto tls :
         {HbaWanted::Tls::required, HbaWanted::Tls::unused, HbaWanted::Tls::unknown}) {
      wanted.vendor = vendor;
      wanted.tls = tls;
      wanted.admits = (size + static_cast<std::size_t>(tls)) % 2 == 0;
      edit_rules(text, wanted);
    }

  const std::string value = tandem::with_address("localhost", "10.0.0.2");
  const TextEdit clean = tandem::edit_listen(text, std::nullopt);
  const TextEdit with = tandem::edit_listen(clean.text, value);
  require(!tandem::edit_listen(with.text, value).changes());
  require(tandem::own_listen_lines(with.text).size() == 1);
  require_others_untouched(text, clean);
  require_others_untouched(clean.text, with);
  require(tandem::edit_listen(with.text, std::nullopt).text == clean.text);
  return 0;
}
