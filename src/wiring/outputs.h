// Where a command's reports go: "-o text", "-o json=report.json", any number of them.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace seaworthy::wiring {

struct Output {
  std::string format;
  std::string file;  // empty: standard output
};

// Reads FORMAT and FORMAT=FILE; none is the first of `formats`. nullopt: what is wrong was said on standard error, in
// the name of `command`.
std::optional<std::vector<Output>> ParseOutputs(std::string_view command, const std::vector<std::string>& texts,
                                                std::span<const std::string_view> formats);

// Writes all of them, whatever becomes of the others. kExitOk, or what was said on standard error: kExitUsage for a
// file that cannot be opened, kExitInternal for one that takes no more. A reader of standard output that has gone (`|
// head`) has seen what it wanted and is no failure. REQUIRES: SIGPIPE is ignored.
using WriteText = std::function<void(std::string_view)>;
int WriteOutputs(std::string_view command, const std::vector<Output>& outputs,
                 const std::function<void(const Output&, const WriteText&)>& write);

// Whether text for that output is coloured: at a terminal, unless NO_COLOR (no-color.org) or TERM=dumb ask for none.
bool UsesColour(const Output& output);

}  // namespace seaworthy::wiring
