// The part of YAML that nearly all manifests keep to (block style, scalars of one line, literal blocks, short flow
// lists), read in one pass, many times faster than by events.
//
// It reads a document whole, or declines it: then libyaml reads it (yaml_events.h) and says what is wrong, if anything
// is. What is read is the same tree, line for line; yaml_block_test.cc and fuzz_yaml.cc hold one against the other.
//
// A function without state, thread-safe as long as each thread has its tree.
#pragma once

#include <cstdint>
#include <string_view>

#include "support/json.h"

namespace seaworthy::support {

// Pushes the document that `text` holds; lines are counted from `first_line`. False: declined, and the tree holds a
// part that has to be thrown away.
bool ReadYamlBlock(std::string_view text, std::uint32_t first_line, Tree& tree);

}  // namespace seaworthy::support
