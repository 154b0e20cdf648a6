// A tree written out as JSON again, for comparisons: numbers as their literals, what is not there as a bare word.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "support/json.h"

namespace seaworthy::support {

inline void Write(const Node& node, std::string& out) {
  switch (node.type()) {
    case NodeType::kAbsent: out += "absent"; return;
    case NodeType::kNull: out += "null"; return;
    case NodeType::kBool: out += *node.Bool() ? "true" : "false"; return;
    case NodeType::kNumber: out += node.text(); return;
    case NodeType::kString: out += nlohmann::json(node.text()).dump(); return;
    case NodeType::kPruned: out += "pruned"; return;
    case NodeType::kArray:
    case NodeType::kObject: break;
  }
  out += node.is_array() ? '[' : '{';
  bool first = true;
  for (const Node& child : node) {
    if (!first) out += ',';
    first = false;
    if (node.is_object()) out += nlohmann::json(child.key()).dump() + ":";
    Write(child, out);
  }
  out += node.is_array() ? ']' : '}';
}

// With the line of each value, for comparisons of readers.
inline std::string TextWithLines(const Node& node) {
  std::string out = std::to_string(node.line()) + ":";
  if (!node.is_array() && !node.is_object()) {
    Write(node, out);
    return out;
  }
  out += node.is_array() ? '[' : '{';
  for (const Node& child : node) out += std::string(child.key()) + "=" + TextWithLines(child) + ",";
  return out + (node.is_array() ? ']' : '}');
}

inline std::string Text(const Node& node) {
  std::string out;
  Write(node, out);
  return out;
}

}  // namespace seaworthy::support
