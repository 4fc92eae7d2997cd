// The three streams of a program that is run: what it reads, and what is kept of what it writes.
#pragma once

#include "ports/task.h"
// keep the order
#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"
#include "ports/descriptor.h"
#include "ports/process.h"

namespace tandem {

// invalid: no absolute path, a NUL in an argument, or a job without a proper name.
Status check_command(const Command& command);

// Its output goes through pipes, of which a limited part is kept and the rest is read and dropped.
// That of a job goes to files in memory: it outlives us, and a pipe that nobody reads would end it.
// While we live those are cut to twice the limit from time to time.
class CommandStreams {
 public:
  static Result<std::unique_ptr<CommandStreams>> open(const boost::asio::any_io_executor& executor,
                                                      const Command& command);

  // Who hears standard output as it comes, all of it. Before begin(); not for a job.
  void let_hear(std::function<void(std::string_view)> hears);

  // What the program gets; ours until begin().
  int input() const { return input_.get(); }
  int output() const { return output_.theirs.get(); }
  int errors() const { return errors_.theirs.get(); }

  // The program has its ends: they are closed here, and reading begins. `owner` keeps this alive
  // meanwhile; `changed` is called when a stream has ended.
  void begin(const std::shared_ptr<void>& owner, const std::function<void()>& changed);
  // Nothing more can come.
  bool ended() const;
  // Cuts the files of a job.
  void trim();
  // Takes what is there by now, without waiting, and closes all.
  void finish();
  // What was kept, after finish().
  void give(CommandOutcome& outcome);

 private:
  using Pipe = boost::asio::posix::stream_descriptor;
  static constexpr std::size_t kChunk = 16U << 10U;

  struct Stream {
    explicit Stream(const boost::asio::any_io_executor& executor) : pipe(executor) {}

    Descriptor theirs;
    Descriptor file;  // of a job
    Pipe pipe;        // else
    std::array<char, kChunk> chunk{};
    std::string text;
    std::function<void(std::string_view)> hears;
    bool cut = false;
    bool ended = false;
  };

  CommandStreams(const boost::asio::any_io_executor& executor, const Command& command);

  bool open_files(Stream& stream);
  bool open_pipe(Stream& stream);
  void read(Stream& stream, const std::shared_ptr<void>& owner,
            const std::function<void()>& changed);
  void keep(Stream& stream, std::size_t size) const;
  void drain(Stream& stream) const;
  void read_file(Stream& stream) const;

  bool lasting_;
  std::size_t limit_;
  Descriptor input_;
  Stream output_;
  Stream errors_;
};

}  // namespace tandem
