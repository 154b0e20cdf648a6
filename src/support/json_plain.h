// JSON as an API server writes it (ASCII, escapes without \u), read in one pass, several times faster than by SAX
// calls.
//
// It reads a value whole, or declines it: then nlohmann's parser reads it (json.cc) and says what is wrong, if anything
// is. What is read is the same tree, line for line; json_test.cc holds one against the other on changed texts.
//
// A function without state, thread-safe as long as each thread has its tree.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "support/json.h"

namespace seaworthy::support {

// Pushes the object or array that `text` begins with, and answers how many bytes it took. `first_line` as for
// ParseJson. nullopt: declined, and the tree holds a part that has to be thrown away.
std::optional<std::size_t> ReadPlainJson(std::string_view text, std::uint32_t first_line, Tree& tree);

}  // namespace seaworthy::support
