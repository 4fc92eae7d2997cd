// berofos, the relay that carries ISDN lines to one of two nodes: its list of devices, and the
// vendor's program for them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/goal.h"
#include "core/result.h"

namespace tandem {

struct IsdnDevice {
  std::string name;  // "fos1", as `bnfos -f` takes it
  std::string host;

  bool operator==(const IsdnDevice&) const = default;
};

inline constexpr std::size_t kIsdnDevicesMax = 16;

// The sections `[fosN]` of bnfos.conf, in their order. The login of a device is neither kept nor
// told. invalid: a line is none of an INI file, a device is there twice, or there are too many.
Result<std::vector<IsdnDevice>> parse_bnfos_conf(std::string_view text);

// Which node has the lines.
enum class LinesTo { unknown, primary, secondary };

// "the primary (A to B)", "the secondary (A to D)", "unknown"
std::string_view lines_text(LinesTo lines);

// bnfos with the login that bnfos.conf has: argv holds no secret.
std::vector<std::string> switch_command(const std::string& program, const std::string& device,
                                        LinesTo lines);

// The declared reading command for a device: `{device}` in its words becomes the device's name.
std::vector<std::string> read_command(const std::vector<std::string>& declared,
                                      const std::string& device);

// What a reading command printed: `1` or `mode=1` is relay A to B, `0` or `mode=0` A to D, white
// space aside. All else is unknown.
LinesTo lines_in(std::string_view output);

}  // namespace tandem
