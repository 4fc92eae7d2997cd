#include "ports/command_streams.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <cerrno>
#include <string_view>
#include <utility>

#include "ports/system_error.h"

namespace tandem {
namespace {

constexpr int kFirstFree = 3;  // after the three streams
constexpr int kLastReadsMax = 64;

// Where one of our own three streams is closed, a new descriptor could take its number, and be
// overwritten when the child's streams are put in place.
Descriptor above_streams(int number) {
  Descriptor given(number);
  if (number < 0 || number >= kFirstFree) return given;
  return Descriptor(fcntl(number, F_DUPFD_CLOEXEC, kFirstFree));
}

// The whole input as a file in memory: nothing has to be written while the child runs, so there is
// no deadlock and no EPIPE if it never reads.
Descriptor input_of(const std::string& text) {
  if (text.empty()) return above_streams(open("/dev/null", O_RDONLY | O_CLOEXEC));
  auto file = above_streams(memfd_create("tandem-input", MFD_CLOEXEC));
  std::size_t written = 0;
  while (file.ok() && written < text.size()) {
    // At a position, so that the child reads from the beginning.
    const auto size = pwrite(file.get(), text.data() + written, text.size() - written,
                             static_cast<off_t>(written));
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return Descriptor();
    written += static_cast<std::size_t>(size);
  }
  return file;
}

bool fits_in_a_name(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; }

}  // namespace

Status check_command(const Command& command) {
  if (command.argv.empty() || !command.argv.front().starts_with('/'))
    return Error{Fault::invalid, "a program must be named by an absolute path"};
  const auto has_nul = [](const std::string& word) { return word.find('\0') != std::string::npos; };
  if (std::ranges::any_of(command.argv, has_nul))
    return Error{Fault::invalid, "an argument of a program must not contain a NUL"};
  if (command.job.size() > Command::kJobMax || !std::ranges::all_of(command.job, fits_in_a_name))
    return Error{Fault::invalid, "a job must be named by a-z, 0-9 and '-'"};
  return success();
}

Result<std::unique_ptr<CommandStreams>> CommandStreams::open(
    const boost::asio::any_io_executor& executor, const Command& command) {
  std::unique_ptr<CommandStreams> streams(new CommandStreams(executor, command));
  streams->input_ = input_of(command.input);
  bool opened = streams->input_.ok();
  for (auto* stream : {&streams->output_, &streams->errors_})
    opened =
        opened && (streams->lasting_ ? streams->open_files(*stream) : streams->open_pipe(*stream));
  if (!opened) return system_error(command.argv.front(), "open its streams", errno);
  return streams;
}

CommandStreams::CommandStreams(const boost::asio::any_io_executor& executor, const Command& command)
    : lasting_(!command.job.empty()),
      limit_(command.output_max),
      output_(executor),
      errors_(executor) {}

bool CommandStreams::open_files(Stream& stream) {
  stream.file = above_streams(memfd_create("tandem-output", MFD_CLOEXEC));
  if (!stream.file.ok()) return false;
  // It appends, so that it goes on at the new end where the file was cut.
  const auto itself = "/proc/self/fd/" + std::to_string(stream.file.get());
  stream.theirs = above_streams(::open(itself.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  return stream.theirs.ok();
}

bool CommandStreams::open_pipe(Stream& stream) {
  std::array<int, 2> ends{-1, -1};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return false;
  auto ours = above_streams(ends[0]);
  stream.theirs = above_streams(ends[1]);
  if (!ours.ok() || !stream.theirs.ok()) return false;
  boost::system::error_code failed;
  stream.pipe.assign(ours.get(), failed);
  if (failed) {
    errno = failed.value();
    return false;
  }
  ours.release();
  return true;
}

void CommandStreams::begin(const std::shared_ptr<void>& owner,
                           const std::function<void()>& changed) {
  input_.close();
  for (auto* stream : {&output_, &errors_}) {
    stream->theirs.close();
    if (lasting_)
      stream->ended = true;
    else
      read(*stream, owner, changed);
  }
}

bool CommandStreams::ended() const { return output_.ended && errors_.ended; }

void CommandStreams::read(Stream& stream, const std::shared_ptr<void>& owner,
                          const std::function<void()>& changed) {
  stream.pipe.async_read_some(
      boost::asio::buffer(stream.chunk),
      [this, owner, changed, &stream](boost::system::error_code failed, std::size_t size) {
        keep(stream, size);
        if (!failed) return read(stream, owner, changed);
        stream.ended = true;  // end of file, or closed by us
        changed();
      });
}

void CommandStreams::let_hear(std::function<void(std::string_view)> hears) {
  output_.hears = std::move(hears);
}

void CommandStreams::keep(Stream& stream, std::size_t size) const {
  if (stream.hears && size > 0) stream.hears({stream.chunk.data(), size});
  const auto room = std::min(size, limit_ - stream.text.size());
  stream.text.append(stream.chunk.data(), room);
  stream.cut |= room < size;
}

void CommandStreams::trim() {
  for (auto* stream : {&output_, &errors_}) {
    struct stat found {};
    if (!stream->file.ok() || fstat(stream->file.get(), &found) != 0) continue;
    if (static_cast<std::size_t>(found.st_size) <= 2 * limit_) continue;
    stream->cut |= ftruncate(stream->file.get(), static_cast<off_t>(limit_)) == 0;
  }
}

void CommandStreams::drain(Stream& stream) const {
  for (int reads = 0; !stream.ended && reads < kLastReadsMax; ++reads) {
    const auto size = ::read(stream.pipe.native_handle(), stream.chunk.data(), kChunk);
    if (size <= 0) break;
    keep(stream, static_cast<std::size_t>(size));
  }
  boost::system::error_code ignored;
  stream.pipe.close(ignored);
}

void CommandStreams::read_file(Stream& stream) const {
  while (stream.text.size() <= limit_) {
    const auto size = pread(stream.file.get(), stream.chunk.data(), kChunk,
                            static_cast<off_t>(stream.text.size()));
    if (size <= 0) break;
    const auto before = stream.text.size();
    keep(stream, static_cast<std::size_t>(size));
    if (stream.text.size() == before) break;  // there is more than is kept
  }
  stream.file.close();
}

void CommandStreams::finish() {
  for (auto* stream : {&output_, &errors_}) {
    if (stream->file.ok())
      read_file(*stream);
    else if (!lasting_)
      drain(*stream);
    stream->hears = nullptr;  // a read that is under way ends later
  }
}

void CommandStreams::give(CommandOutcome& outcome) {
  outcome.output = std::move(output_.text);
  outcome.errors = std::move(errors_.text);
  outcome.output_cut = output_.cut || errors_.cut;
}

}  // namespace tandem
