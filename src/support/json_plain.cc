#include "support/json_plain.h"

#include <limits>
#include <string>

#include "support/plain_bytes.h"

namespace seaworthy::support {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

class PlainReader {
 public:
  PlainReader(std::string_view text, std::uint32_t first_line, Tree& tree)
      : begin_(text.data()),
        at_(text.data()),
        end_(text.data() + text.size()),
        line_(first_line),
        line_step_(first_line == 0 ? 0 : 1),
        tree_(tree) {}

  // Without recursion: the tree limits the depth.
  bool Run() {
    SkipBlanks();
    if (at_ == end_ || (*at_ != '{' && *at_ != '[')) return false;
    while (true) {
      if (!Value()) return false;
      // A value has ended, or a container has begun whose first value comes next.
      if (begun_) {
        begun_ = false;
        continue;
      }
      while (!open_.empty()) {
        SkipBlanks();
        if (at_ == end_) return false;
        const char c = *at_++;
        if (c == ',') {
          if (open_.back() == '{' && !Key()) return false;
          break;
        }
        if (c == '}' && open_.back() == '{') {
          if (!tree_.EndObject()) return false;
        } else if (c == ']' && open_.back() == '[') {
          if (!tree_.EndArray()) return false;
        } else {
          return false;
        }
        open_.pop_back();
      }
      if (open_.empty()) return true;
    }
  }
  std::size_t size() const { return static_cast<std::size_t>(at_ - begin_); }

 private:
  void SkipBlanks() {
    for (; at_ != end_; ++at_) {
      if (*at_ == '\n') {
        line_ += line_step_;
      } else if (*at_ != ' ' && *at_ != '\t' && *at_ != '\r') {
        return;
      }
    }
  }

  bool Value() {
    SkipBlanks();
    if (at_ == end_) return false;
    switch (*at_) {
      case '{': return Open('}') && (!begun_ || Key());
      case '[': return Open(']');
      case '"': {
        std::string_view value;
        return String(value) && tree_.String(value, line_);
      }
      case 't': return Literal("true") && tree_.Bool(true, line_);
      case 'f': return Literal("false") && tree_.Bool(false, line_);
      case 'n': return Literal("null") && tree_.Null(line_);
      default: return Number();
    }
  }

  bool Open(char close) {
    const char open = *at_++;
    if (!(open == '{' ? tree_.StartObject(line_) : tree_.StartArray(line_))) return false;
    SkipBlanks();
    if (at_ == end_) return false;
    if (*at_ == close) {
      ++at_;
      return open == '{' ? tree_.EndObject() : tree_.EndArray();
    }
    open_.push_back(open);
    begun_ = true;
    return true;
  }

  bool Key() {
    SkipBlanks();
    std::string_view key;
    if (at_ == end_ || *at_ != '"' || !String(key) || !tree_.Key(key, line_)) return false;
    SkipBlanks();
    return at_ != end_ && *at_++ == ':';
  }

  bool Literal(std::string_view word) {
    if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  bool Number() {
    const char* p = at_;
    if (*p == '-') ++p;
    const char* digits = p;
    p = SkipDigits(p);
    if (p == digits || (*digits == '0' && p != digits + 1)) return false;
    if (p != end_ && *p == '.') {
      digits = ++p;
      p = SkipDigits(p);
      if (p == digits) return false;
    }
    if (p != end_ && (*p == 'e' || *p == 'E')) {
      ++p;
      if (p != end_ && (*p == '+' || *p == '-')) ++p;
      digits = p;
      p = SkipDigits(p);
      if (p == digits) return false;
    }
    const std::string_view literal(at_, static_cast<std::size_t>(p - at_));
    at_ = p;
    return tree_.Number(literal, line_);
  }
  const char* SkipDigits(const char* p) const {
    while (p != end_ && IsDigit(*p)) ++p;
    return p;
  }

  // A view into the text, or into `unescaped_`.
  bool String(std::string_view& value) {
    const char* begin = at_ + 1;
    const char* p = SkipPlainBytes(begin, end_);
    if (p == end_) return false;
    if (*p == '"') {
      value = {begin, static_cast<std::size_t>(p - begin)};
      at_ = p + 1;
      return true;
    }
    unescaped_.clear();
    while (true) {
      unescaped_.append(begin, p);
      if (p == end_) return false;
      if (*p == '"') break;
      if (*p != '\\' || ++p == end_) return false;
      const char meant = Meant(*p);
      if (meant == 0) return false;
      unescaped_ += meant;
      begin = p + 1;
      p = SkipPlainBytes(begin, end_);
    }
    value = unescaped_;
    at_ = p + 1;
    return true;
  }
  static char Meant(char escape) {
    switch (escape) {
      case '"':
      case '\\':
      case '/': return escape;
      case 'b': return '\b';
      case 'f': return '\f';
      case 'n': return '\n';
      case 'r': return '\r';
      case 't': return '\t';
      default: return 0;  // \u, and what is none
    }
  }

  const char* begin_;
  const char* at_;
  const char* end_;
  std::uint32_t line_;
  std::uint32_t line_step_;
  Tree& tree_;
  std::string open_;  // a '{' or '[' for each open container
  bool begun_ = false;
  std::string unescaped_;
};

}  // namespace

std::optional<std::size_t> ReadPlainJson(std::string_view text, std::uint32_t first_line, Tree& tree) {
  if (text.size() >= std::numeric_limits<std::uint32_t>::max()) return std::nullopt;  // json.cc refuses it
  PlainReader reader(text, first_line, tree);
  if (!reader.Run()) return std::nullopt;
  return reader.size();
}

}  // namespace seaworthy::support
