#include "replication/files/directory_copy.h"

#include <fmt/format.h>

#include <utility>

namespace tandem::files {

Task<Passage> Passenger::run(CopyCommand copy, SshEnds ends, std::string peer, Tells tells) {
  Passage passage;
  const std::string folder = copy.tree.path;
  auto command = copy_command(copy);
  if (!command.ok()) {
    passage.trouble = Trouble{Reason::failed, command.error().message};
    co_return passage;
  }
  Itemised itemised;
  Attendance attendance([&itemised, &tells](std::string_view piece) {
    itemised.hear(piece);
    if (tells) tells(itemised.counts());
  });
  attended_(&attendance);
  const auto outcome = co_await programs_.attend(std::move(command).value(), attendance);
  attended_(nullptr);
  passage.trouble = trouble_of({folder, peer}, ends, outcome);
  passage.counts = itemised.counts();
  passage.sum = itemised.sum();
  passage.deleted_names = itemised.deleted_names();
  // What a comparison is judged by must have been said.
  if (!passage.trouble && !itemised.has_sum())
    passage.trouble = Trouble{
        Reason::failed,
        fmt::format("{}: rsync ended well and did not say what it found; look at its version: "
                    "rsync --version",
                    folder)};
  co_return passage;
}

}  // namespace tandem::files
