// The edits of pg_hba.conf and postgresql.conf.
#include "pbx/postgres_files.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>

#include "pbx/text_lines.h"
#include "tests/fuzz/targets.h"

namespace tandem::fuzz {
namespace {

// Every line that an edit neither took out nor put in stands in both texts, in the same order.
void require_others_untouched(std::string_view before, const TextEdit& edit) {
  auto kept = split_lines(before), now = split_lines(edit.text);
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
  const TextEdit edit = edit_hba(text, wanted);
  require_others_untouched(text, edit);
  require(edit.changes() == (edit.text != text));
  require(!edit_hba(edit.text, wanted).changes());

  // What was put in and taken back leaves no trace.
  HbaWanted none = wanted;
  none.admits = false;
  none.vendor = HbaWanted::Vendor::leftovers_absent;
  const TextEdit clean = edit_hba(text, none);
  none.admits = true;
  const TextEdit with = edit_hba(clean.text, none);
  none.admits = false;
  require(edit_hba(with.text, none).text == clean.text);
}

}  // namespace

void postgres_files(std::string_view text) {
  require(join_lines(split_lines(text)) == text);

  HbaWanted wanted;
  wanted.peers = {"10.0.0.1", "10.1.0.1"};
  for (const auto vendor :
       {HbaWanted::Vendor::present, HbaWanted::Vendor::absent, HbaWanted::Vendor::leftovers_absent})
    for (const auto tls :
         {HbaWanted::Tls::required, HbaWanted::Tls::unused, HbaWanted::Tls::unknown}) {
      wanted.vendor = vendor;
      wanted.tls = tls;
      wanted.admits = (text.size() + static_cast<std::size_t>(tls)) % 2 == 0;
      edit_rules(text, wanted);
    }

  const std::string value = with_address("localhost", "10.0.0.2");
  const TextEdit clean = edit_listen(text, std::nullopt);
  const TextEdit with = edit_listen(clean.text, value);
  require(!edit_listen(with.text, value).changes());
  require(own_listen_lines(with.text).size() == 1);
  require_others_untouched(text, clean);
  require_others_untouched(clean.text, with);
  require(edit_listen(with.text, std::nullopt).text == clean.text);
}

}  // namespace tandem::fuzz
