// One YAML document, from libyaml's events into a tree. The only file that knows libyaml is yaml_events.cc.
//
// A function without state, thread-safe as long as each thread has its tree.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "support/json.h"

namespace seaworthy::support {

struct YamlProblem {
  std::string why;  // empty: none
  std::uint32_t line = 0;
};

// Pushes the document that `text` holds; lines are counted from `first_line`. Leaves the tree without a root when there
// is no document.
YamlProblem ReadYamlEvents(std::string_view text, std::uint32_t first_line, std::size_t alias_nodes, Tree& tree);

}  // namespace seaworthy::support
