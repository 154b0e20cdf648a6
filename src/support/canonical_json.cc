#include "support/canonical_json.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <vector>

namespace seaworthy::support {
namespace {

void AppendNumber(std::string& out, const Node& node) {
  char buffer[32];
  if (const auto integer = node.Int()) {
    const auto [end, code] = std::to_chars(buffer, buffer + sizeof buffer, *integer);
    if (code == std::errc()) out.append(buffer, end);
    return;
  }
  if (const auto real = node.Double()) {
    const auto [end, code] = std::to_chars(buffer, buffer + sizeof buffer, *real);
    if (code == std::errc()) {
      out.append(buffer, end);
      return;
    }
  }
  out += node.text();  // beyond what a double holds: as it was written
}

}  // namespace

void AppendJsonString(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte >= 0x20) {
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\b') {
      out += "\\b";
    } else if (c == '\f') {
      out += "\\f";
    } else {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  out += '"';
}

std::string CanonicalJson(const Node& root) {
  // An explicit stack: the depth of the input is bounded, but not by this function.
  struct Open {
    std::size_t begin, next;  // its children not yet written stand in `children` from `next` on
    bool object;
  };
  std::string out;
  std::vector<const Node*> children;
  std::vector<Open> open;
  const auto write = [&](const Node& node) {
    switch (node.type()) {
      case NodeType::kAbsent: break;
      case NodeType::kNull: out += "null"; break;
      case NodeType::kBool: out += *node.Bool() ? "true" : "false"; break;
      case NodeType::kNumber: AppendNumber(out, node); break;
      case NodeType::kString: AppendJsonString(out, node.text()); break;
      case NodeType::kPruned: out += "{}"; break;
      case NodeType::kArray:
      case NodeType::kObject: {
        const std::size_t begin = children.size();
        for (const Node& child : node) children.push_back(&child);
        if (node.is_object()) {
          std::sort(children.begin() + static_cast<std::ptrdiff_t>(begin), children.end(),
                    [](const Node* a, const Node* b) { return a->key() < b->key(); });
        }
        out += node.is_object() ? '{' : '[';
        open.push_back({begin, begin, node.is_object()});
        break;
      }
    }
  };
  write(root);
  while (!open.empty()) {
    Open& top = open.back();
    if (top.next == children.size()) {
      out += top.object ? '}' : ']';
      children.resize(top.begin);
      open.pop_back();
      continue;
    }
    if (top.next != top.begin) out += ',';
    const Node& child = *children[top.next++];
    if (top.object) {
      AppendJsonString(out, child.key());
      out += ':';
    }
    write(child);
  }
  return out;
}

Hash128 CanonicalHash(const Node& node) {
  SipHash hash;
  hash.Add(CanonicalJson(node));
  return hash.Finish();
}

Hash128 CanonicalHash(const Node& node, std::span<const std::string_view> members) {
  std::string text;
  for (const std::string_view member : members) {
    if (!node[member].present()) continue;
    text += text.empty() ? '{' : ',';
    AppendJsonString(text, member);
    text += ':';
    text += CanonicalJson(node[member]);
  }
  text += text.empty() ? "{}" : "}";
  SipHash hash;
  hash.Add(text);
  return hash.Finish();
}

}  // namespace seaworthy::support
