// Items as text: copies written out, and YAML.
#include <algorithm>
#include <cctype>
#include <utility>

#include "bench/objects.h"
#include "bench/random.h"

namespace seaworthy::bench {

using nlohmann::json;

std::string Expand(const Item& item, const std::string& text, std::size_t copy, std::size_t nodes) {
  const std::uint64_t number = item.first + copy;
  std::string out;
  out.reserve(text.size() + 64);
  std::size_t begin = 0;
  for (std::size_t at; (at = text.find('@', begin)) != std::string::npos;) {
    out.append(text, begin, at - begin);
    const std::size_t end = text.find('@', at + 1);
    // Those of images' digests have no partner.
    const std::string word = end == std::string::npos || end - at > 300 ? "" : text.substr(at + 1, end - at - 1);
    std::string value;
    if (word == "i") value = std::to_string(copy);
    if (word == "n") value = Letters(number, 5) + std::to_string(copy);
    if (word == "node") value = "node-" + std::to_string(number * 7919 % std::max<std::size_t>(nodes, 1));
    if (word == "ip") value = Address(number);
    if (word == "uid") value = Uid(number, 1);
    if (word.starts_with("uid ")) value = Uid(Hash(word), 2);
    if (value.empty()) {
      out += '@';
      begin = at + 1;
    } else {
      out += value;
      begin = end + 1;
    }
  }
  out.append(text, begin);
  return out;
}

namespace {

bool IsPlain(const std::string& text) {
  if (text.empty() || !(std::isalpha(static_cast<unsigned char>(text[0])) || text[0] == '/')) return false;
  for (const char* word : {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}) {
    if (text == word) return false;
  }
  return text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-") ==
         std::string::npos;
}

void Append(std::string& out, const json& value, std::size_t indent, bool in_list) {
  const std::string pad(indent, ' ');
  if (value.is_object() && !value.empty()) {
    bool first = in_list;
    for (const auto& [key, member] : value.items()) {
      if (!std::exchange(first, false)) out += pad;
      out += (IsPlain(key) ? key : json(key).dump()) + ":";
      const bool nested = member.is_structured() && !member.empty();
      out += nested ? "\n" : " ";
      Append(out, member, indent + (member.is_array() ? 0 : 2), false);
    }
  } else if (value.is_array() && !value.empty()) {
    for (const json& member : value) {
      out += pad + "- ";
      Append(out, member, indent + 2, true);
    }
  } else {
    out += (value.is_string() && IsPlain(value.get<std::string>()) ? value.get<std::string>() : value.dump()) + "\n";
  }
}

}  // namespace

std::string Yaml(const json& value) {
  std::string out;
  Append(out, value, 0, false);
  return out;
}

}  // namespace seaworthy::bench
