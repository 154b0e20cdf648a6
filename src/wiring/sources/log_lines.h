// Whether a line of a log is one that a machine can take apart: a JSON object, or logfmt. Pure functions; they keep
// nothing.
#pragma once

#include <cstdint>
#include <string_view>

namespace seaworthy::wiring {

bool IsStructured(std::string_view line);

struct LineCounts {
  std::int32_t lines = 0;       // that are not blank
  std::int32_t structured = 0;  // of these
};
// The last 50 of a text. Its first line may be cut off and is left out where there are others.
LineCounts CountLines(std::string_view text, bool first_is_cut);

}  // namespace seaworthy::wiring
