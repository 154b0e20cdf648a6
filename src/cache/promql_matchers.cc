#include "cache/promql_matchers.h"

#include <algorithm>

namespace seaworthy::cache {
namespace {

constexpr std::size_t kMaxMatchers = 64;
constexpr int kMaxDepth = 4;    // of alternatives within alternatives
constexpr int kMaxSteps = 256;  // "(|||)(|||)(|||)" multiplies
constexpr std::size_t kMaxValue = 253;

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool IsIdentifier(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == ':';
}

// ---- regular expressions (RE2's syntax, anchored at both ends as Prometheus does)

// The parts between the bars that stand in no parenthesis and no class.
std::vector<std::string_view> Alternatives(std::string_view regex) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  int depth = 0;
  bool in_class = false;
  for (std::size_t i = 0; i < regex.size(); ++i) {
    switch (regex[i]) {
      case '\\': ++i; break;
      case '[': in_class = true; break;
      case ']': in_class = false; break;
      case '(': depth += in_class ? 0 : 1; break;
      case ')': depth -= in_class ? 0 : 1; break;
      case '|':
        if (depth == 0 && !in_class) {
          parts.push_back(regex.substr(begin, i - begin));
          begin = i + 1;
        }
        break;
      default: break;
    }
  }
  parts.push_back(regex.substr(std::min(begin, regex.size())));
  return parts;
}

// Where the parenthesis that `regex` begins with ends; npos: nowhere.
std::size_t ClosingParenthesis(std::string_view regex) {
  int depth = 0;
  bool in_class = false;
  for (std::size_t i = 0; i < regex.size(); ++i) {
    switch (regex[i]) {
      case '\\': ++i; break;
      case '[': in_class = true; break;
      case ']': in_class = false; break;
      case '(': depth += in_class ? 0 : 1; break;
      case ')':
        if (!in_class && --depth == 0) return i;
        break;
      default: break;
    }
  }
  return std::string_view::npos;
}

bool IsQuantifier(char c) { return c == '*' || c == '+' || c == '?' || c == '{'; }

// One alternative without a parenthesis at its beginning: its literal beginning, or what follows a leading ".*".
std::string Reduce(std::string_view regex) {
  if (regex.starts_with('^')) regex.remove_prefix(1);
  std::string value;
  if (regex.starts_with(".*") || regex.starts_with(".+")) {
    value = '*';
    regex.remove_prefix(2);
  }
  const std::size_t literal_begin = value.size();
  bool open = false;
  for (std::size_t i = 0; i < regex.size(); ++i) {
    char c = regex[i];
    if (c == '$' && i + 1 == regex.size()) break;
    if (c == '\\' && i + 1 < regex.size()) {
      c = regex[++i];
      // Classes (\d, \w, \s) end what is literal; an escaped dot or hyphen is itself.
      if (IsIdentifier(c)) {
        open = true;
        break;
      }
    } else if (c == '.' && i + 1 < regex.size() && !IsQuantifier(regex[i + 1])) {
      // Written for a dot, or any one character: hosts and versions, mostly the former.
    } else if (c == '.' || c == '[' || c == '(' || c == ')' || IsQuantifier(c)) {
      if (IsQuantifier(c) && value.size() > literal_begin) value.pop_back();  // the last one is optional or repeated
      open = true;
      break;
    }
    value += c;
  }
  if (value.size() == literal_begin) return {};
  if (open) value += '*';
  return value;
}

void Expand(std::string_view regex, int depth, int& steps, std::vector<std::string>& values) {
  for (std::string_view part : Alternatives(regex)) {
    if (values.size() >= kMaxMatchers || --steps < 0) return;
    if (part.starts_with('^')) part.remove_prefix(1);
    const std::size_t end = part.starts_with('(') ? ClosingParenthesis(part) : std::string_view::npos;
    if (end == std::string_view::npos || depth >= kMaxDepth) {
      if (std::string value = Reduce(part); !value.empty()) values.push_back(std::move(value));
      continue;
    }
    std::string_view inner = part.substr(1, end - 1);
    if (inner.starts_with("?:")) inner.remove_prefix(2);
    const std::string rest(part.substr(end + 1));
    if (!rest.empty() && IsQuantifier(rest.front())) continue;
    for (const std::string_view alternative : Alternatives(inner))
      Expand(std::string(alternative) + rest, depth + 1, steps, values);
  }
}

// ---- the matchers in braces

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::vector<PromqlMatcher> Read() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#') {
        while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      } else if (c == '"' || c == '\'' || c == '`') {
        Quoted();
      } else if (c == '{') {
        ++at_;
        Braces();
      } else {
        ++at_;
      }
    }
    return std::move(matchers_);
  }

 private:
  void SkipSpace() {
    while (at_ < text_.size() && IsSpace(text_[at_])) ++at_;
  }

  std::string Quoted() {
    const char quote = text_[at_++];
    std::string value;
    while (at_ < text_.size() && text_[at_] != quote) {
      if (text_[at_] == '\\' && quote != '`' && at_ + 1 < text_.size()) ++at_;
      value += text_[at_++];
    }
    if (at_ < text_.size()) ++at_;
    return value;
  }

  void Braces() {
    while (at_ < text_.size()) {
      SkipSpace();
      if (at_ >= text_.size()) return;
      if (text_[at_] == '}') {
        ++at_;
        return;
      }
      std::string label;
      if (text_[at_] == '"' || text_[at_] == '\'' || text_[at_] == '`') {
        label = Quoted();
      } else {
        while (at_ < text_.size() && IsIdentifier(text_[at_])) label += text_[at_++];
      }
      SkipSpace();
      std::string op;
      while (at_ < text_.size() && op.size() < 2 && (text_[at_] == '=' || text_[at_] == '!' || text_[at_] == '~'))
        op += text_[at_++];
      SkipSpace();
      if (!op.empty() && at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'' || text_[at_] == '`')) {
        Note(label, op, Quoted());
      } else if (op.empty() && at_ < text_.size() && text_[at_] != ',' && text_[at_] != '}') {
        ++at_;  // not PromQL: go on behind it
      }
      SkipSpace();
      if (at_ < text_.size() && text_[at_] == ',') ++at_;
    }
  }

  void Note(const std::string& label, std::string_view op, std::string value) {
    if (label.empty()) return;
    if (op == "=") {
      Add(label, std::move(value));
    } else if (op == "=~") {
      std::vector<std::string> values;
      int steps = kMaxSteps;
      Expand(value, 0, steps, values);
      for (std::string& one : values) Add(label, std::move(one));
    }
  }

  void Add(const std::string& label, std::string value) {
    if (value.empty() || value == "*" || value.size() > kMaxValue || matchers_.size() >= kMaxMatchers) return;
    PromqlMatcher matcher{label, std::move(value)};
    if (std::find(matchers_.begin(), matchers_.end(), matcher) == matchers_.end())
      matchers_.push_back(std::move(matcher));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<PromqlMatcher> matchers_;
};

}  // namespace

std::vector<PromqlMatcher> PromqlMatchers(std::string_view expression) { return Reader(expression).Read(); }

}  // namespace seaworthy::cache
