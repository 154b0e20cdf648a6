#include "support/yaml_block.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <string>

#include "support/yaml_scalar.h"

namespace seaworthy::support {
namespace {

// libyaml wants a key to end within 1024 characters.
constexpr std::size_t kMaxKey = 1000;

enum : std::uint8_t {
  kWordChar = 1,   // stands for itself wherever it is: in keys, and in flow style
  kWordFirst = 2,  // and may begin such a word
  kPlainFirst = 4  // may begin a plain scalar in block style, whatever follows
};
constexpr std::array<std::uint8_t, 256> kClasses = [] {
  std::array<std::uint8_t, 256> classes{};
  const auto add = [&classes](std::string_view chars, std::uint8_t what) {
    for (const char c : chars) classes[static_cast<unsigned char>(c)] |= what;
  };
  add("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./", kWordChar | kWordFirst | kPlainFirst);
  add("-=+", kWordChar);
  add("$()+;<=\\^~", kPlainFirst);
  return classes;
}();
bool Is(char c, std::uint8_t what) { return (kClasses[static_cast<unsigned char>(c)] & what) != 0; }

// Printable ASCII and line feeds alone: whatever else there is (tabs, CR, the other line breaks of Unicode, UTF-8 that
// has to be checked) is libyaml's.
bool IsSimpleText(std::string_view text) {
  unsigned other = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    other |= static_cast<unsigned>(byte - 0x20u >= 0x5fu) & static_cast<unsigned>(byte != '\n');
  }
  return other == 0;
}

std::string_view TrimLeft(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && text[at] == ' ') ++at;
  return text.substr(at);
}

// Nothing, or a comment that is set off by a blank.
bool IsTail(std::string_view text) {
  const std::string_view rest = TrimLeft(text);
  return rest.empty() || (rest.front() == '#' && rest.size() < text.size());
}

bool IsDash(std::string_view text) {
  return !text.empty() && text.front() == '-' && (text.size() == 1 || text[1] == ' ');
}

class BlockReader {
 public:
  BlockReader(std::string_view text, std::uint32_t first_line, Tree& tree)
      : at_(text.data()), end_(text.data() + text.size()), next_number_(first_line), tree_(tree) {}

  bool Run() {
    NextLine();
    if (!ended_ && indent_ == 0 && line_.starts_with("---")) {
      if (!IsTail(line_.substr(3))) return false;
      NextLine();
    }
    if (ended_ || indent_ != 0 || IsDash(line_)) return false;
    return Mapping(0) && ended_;
  }

 private:
  // Goes on to the next line with content. `line_` is without its indentation and its break.
  void NextLine() {
    while (at_ != end_) {
      const char* begin = at_;
      const auto* stop = static_cast<const char*>(std::memchr(begin, '\n', static_cast<std::size_t>(end_ - begin)));
      if (stop == nullptr) stop = end_;
      at_ = stop == end_ ? end_ : stop + 1;
      number_ = next_number_++;
      const char* content = begin;
      while (content != stop && *content == ' ') ++content;
      if (content == stop || *content == '#') continue;
      indent_ = static_cast<std::size_t>(content - begin);
      line_ = {content, static_cast<std::size_t>(stop - content)};
      return;
    }
    ended_ = true;
  }
  // A value is behind us: what follows must not be part of it.
  bool Leave(std::size_t indent) {
    NextLine();
    return ended_ || indent_ <= indent;
  }

  struct KeyFound {
    std::string_view text;
    std::string_view rest;  // behind the colon
    bool plain = true;
    bool found = false;
  };
  static KeyFound FindKey(std::string_view line) {
    KeyFound key;
    std::size_t size = 0;
    std::size_t colon = 0;
    if (line.empty()) return key;
    if (line.front() == '"' || line.front() == '\'') {
      size = line.find(line.front(), 1);
      if (size == std::string_view::npos) return key;
      key.text = line.substr(1, size - 1);
      key.plain = false;
      colon = size + 1;
      if (key.text.find('\\') != std::string_view::npos) return key;
    } else {
      if (!Is(line.front(), kWordFirst)) return key;
      while (size < line.size() && Is(line[size], kWordChar)) ++size;
      key.text = line.substr(0, size);
      colon = size;
    }
    if (colon >= line.size() || line[colon] != ':' || size > kMaxKey) return key;
    key.rest = line.substr(colon + 1);
    key.found = key.rest.empty() || key.rest.front() == ' ';
    return key;
  }

  // The line begins a mapping in this column.
  bool Mapping(std::size_t indent) {
    if (!tree_.StartObject(number_)) return false;
    do {
      const KeyFound key = FindKey(line_);
      if (!key.found || !PushKey(key) || !Value(key.rest, indent, true)) return false;
    } while (!ended_ && indent_ == indent);
    return (ended_ || indent_ < indent) && tree_.EndObject();
  }

  // The line begins a sequence in this column.
  bool Sequence(std::size_t indent) {
    if (!tree_.StartArray(number_)) return false;
    do {
      const std::string_view rest = line_.substr(1);
      const std::string_view item = TrimLeft(rest);
      if (item.empty() || item.front() == '#') {
        if (!Value(rest, indent, false)) return false;
        continue;
      }
      if (IsDash(item)) return false;
      if (FindKey(item).found) {
        indent_ += 1 + (rest.size() - item.size());
        line_ = item;
        if (!Mapping(indent_)) return false;
      } else if (!Scalar(item, indent)) {
        return false;
      }
    } while (!ended_ && indent_ == indent && IsDash(line_));
    return (ended_ || indent_ <= indent) && tree_.EndArray();
  }

  // What stands behind a colon or a dash, in this line or the next ones.
  bool Value(std::string_view rest, std::size_t indent, bool of_mapping) {
    const std::string_view value = TrimLeft(rest);
    if (!value.empty() && value.front() != '#') return Scalar(value, indent);
    const std::uint32_t number = number_;
    NextLine();
    if (!ended_ && indent_ > indent) return IsDash(line_) ? Sequence(indent_) : Mapping(indent_);
    // The sequences of a mapping need not be indented.
    if (!ended_ && of_mapping && indent_ == indent && IsDash(line_)) return Sequence(indent);
    return tree_.Null(number);
  }

  bool Scalar(std::string_view value, std::size_t indent) {
    switch (value.front()) {
      case '"':
      case '\'': {
        std::string_view text;
        return Quoted(value, text) && IsTail(value) && tree_.String(text, number_) && Leave(indent);
      }
      case '[':
      case '{': return Flow(value) && IsTail(value) && Leave(indent);
      case '|': return Literal(value, indent);
      default: return Plain(value, indent);
    }
  }

  // Takes a quoted text off the front.
  static bool Quoted(std::string_view& value, std::string_view& text) {
    const std::size_t size = value.find(value.front(), 1);
    if (size == std::string_view::npos) return false;
    text = value.substr(1, size - 1);
    const bool doubled = size + 1 < value.size() && value[size + 1] == value.front();
    if (doubled || (value.front() == '"' && text.find('\\') != std::string_view::npos)) return false;
    value.remove_prefix(size + 1);
    return true;
  }

  bool Plain(std::string_view value, std::size_t indent) {
    const char first = value.front();
    const bool may_begin =
        Is(first, kPlainFirst) || ((first == '-' || first == ':') && value.size() > 1 && value[1] != ' ');
    if (!may_begin) return false;
    for (std::size_t i = 1; i < value.size(); ++i) {
      if (value[i] == ':') {
        if (i + 1 == value.size() || value[i + 1] == ' ') return false;
      } else if (value[i] == '#' && value[i - 1] == ' ') {
        value = value.substr(0, i);
      }
    }
    while (value.back() == ' ') value.remove_suffix(1);
    return PushPlain(value) && Leave(indent);
  }

  // Takes one value in flow style off the front, of one line.
  bool Flow(std::string_view& value) {
    if (value.empty()) return false;
    const char open = value.front();
    if (open == '"' || open == '\'') {
      std::string_view text;
      return Quoted(value, text) && tree_.String(text, number_);
    }
    if (open != '[' && open != '{') {
      const std::string_view words = TakeWords(value);
      return !words.empty() && PushPlain(words);
    }
    const char close = open == '[' ? ']' : '}';
    if (!(open == '[' ? tree_.StartArray(number_) : tree_.StartObject(number_))) return false;
    value = TrimLeft(value.substr(1));
    while (!value.starts_with(close)) {
      if (open == '{' && !FlowKey(value)) return false;
      if (!Flow(value)) return false;
      value = TrimLeft(value);
      if (!value.starts_with(',')) {
        if (value.starts_with(close)) break;
        return false;
      }
      value = TrimLeft(value.substr(1));
      if (value.starts_with(close)) return false;
    }
    value.remove_prefix(1);
    return open == '[' ? tree_.EndArray() : tree_.EndObject();
  }

  bool FlowKey(std::string_view& value) {
    KeyFound key = FindKey(value);
    if (!key.found || key.rest.empty() || !PushKey(key)) return false;
    value = TrimLeft(key.rest);
    return true;
  }

  // A plain scalar in flow style: words with blanks between them, and colons that no blank follows.
  static std::string_view TakeWords(std::string_view& value) {
    std::size_t size = 0;
    const bool dashed = value.size() > 1 && value.front() == '-' && Is(value[1], kWordChar);
    if (dashed || Is(value.front(), kWordFirst)) {
      for (std::size_t i = 0; i < value.size(); ++i) {
        if (Is(value[i], kWordChar)) {
          size = i + 1;
        } else if (value[i] == ':') {
          if (i + 1 == value.size() || !Is(value[i + 1], kWordChar)) break;
        } else if (value[i] != ' ') {
          break;
        }
      }
    }
    const std::string_view words = value.substr(0, size);
    value.remove_prefix(size);
    return words;
  }

  // "|", "|-" or "|+", and the lines below it.
  bool Literal(std::string_view header, std::size_t indent) {
    header.remove_prefix(1);
    char chomping = ' ';
    if (!header.empty() && (header.front() == '-' || header.front() == '+')) {
      chomping = header.front();
      header.remove_prefix(1);
    }
    if (!IsTail(header)) return false;
    const std::uint32_t number = number_;
    storage_.clear();
    std::size_t column = 0;     // of the block; 0: not known yet
    std::size_t longest = 0;    // blanks of the empty lines before that
    std::size_t kept_size = 0;  // up to the break behind the last line with content
    while (at_ != end_) {
      const auto* stop = static_cast<const char*>(std::memchr(at_, '\n', static_cast<std::size_t>(end_ - at_)));
      if (stop == nullptr) return false;  // a last line without a break
      const std::string_view line(at_, static_cast<std::size_t>(stop - at_));
      const std::size_t blanks = line.size() - TrimLeft(line).size();
      if (column == 0) {
        if (blanks == line.size()) {
          longest = std::max(longest, blanks);
        } else if (blanks <= indent || longest > blanks) {
          return false;
        } else {
          column = blanks;
        }
      } else if (blanks < column && blanks < line.size()) {
        break;
      }
      const bool content = column != 0 && line.size() > column;
      if (content) storage_ += line.substr(column);
      storage_ += '\n';
      if (content) kept_size = storage_.size();
      at_ = stop + 1;
      ++next_number_;
    }
    if (column == 0) return false;
    if (chomping != '+') storage_.resize(chomping == '-' ? kept_size - 1 : kept_size);
    return tree_.String(storage_, number) && Leave(indent);
  }

  bool PushKey(const KeyFound& key) {
    if (!key.plain) return tree_.Key(key.text, number_);
    const YamlScalar resolved = ResolveYamlKey(key.text, {}, true, storage_);
    return resolved.type != NodeType::kAbsent && tree_.Key(resolved.text, number_);
  }

  bool PushPlain(std::string_view value) {
    const YamlScalar resolved = ResolveYamlScalar(value, {}, true, storage_);
    switch (resolved.type) {
      case NodeType::kAbsent: return false;
      case NodeType::kNull: return tree_.Null(number_);
      case NodeType::kBool: return tree_.Bool(resolved.boolean, number_);
      case NodeType::kNumber: return tree_.Number(resolved.text, number_);
      default: return tree_.String(resolved.text, number_);
    }
  }

  const char* at_;  // the line behind the current one
  const char* end_;
  std::uint32_t next_number_;
  Tree& tree_;
  std::string_view line_;
  std::size_t indent_ = 0;
  std::uint32_t number_ = 0;
  bool ended_ = false;
  std::string storage_;
};

}  // namespace

bool ReadYamlBlock(std::string_view text, std::uint32_t first_line, Tree& tree) {
  return IsSimpleText(text) && BlockReader(text, first_line, tree).Run();
}

}  // namespace seaworthy::support
