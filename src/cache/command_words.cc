#include "cache/command_words.h"

#include <charconv>
#include <cstdint>

namespace seaworthy::cache {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
bool IsOperator(char c) { return c == ';' || c == '&' || c == '|' || c == '(' || c == ')' || c == '\n'; }

// One string's words, appended to `out`.
class Splitter {
 public:
  Splitter(std::string_view text, bool in_args, std::size_t index, std::vector<Word>& out)
      : text_(text), in_args_(in_args), index_(index), out_(out) {}

  void Run() {
    while (at_ < text_.size() && out_.size() < kMaxWords) {
      const char c = text_[at_];
      if (IsBlank(c)) {
        End();
        ++at_;
      } else if (IsOperator(c)) {
        End();
        begins_ = true;
        ++at_;
      } else if (c == '#' && !open_) {
        while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      } else {
        open_ = true;
        Take();
      }
    }
    End();
  }

 private:
  void End() {
    if (!open_) return;
    out_.push_back({std::move(word_), in_args_, index_, begins_});
    word_.clear();
    open_ = false;
    begins_ = false;
  }

  void Take() {
    const char c = text_[at_];
    if (c == '\'') {
      const std::size_t close = text_.find('\'', at_ + 1);
      word_ += text_.substr(at_ + 1, close == std::string_view::npos ? close : close - at_ - 1);
      at_ = close == std::string_view::npos ? text_.size() : close + 1;
    } else if (c == '"') {
      ++at_;
      while (at_ < text_.size() && text_[at_] != '"') TakeOne();
      if (at_ < text_.size()) ++at_;
    } else {
      TakeOne();
    }
  }

  void TakeOne() {
    const char c = text_[at_];
    if (c == '\\' && at_ + 1 < text_.size()) {
      if (text_[at_ + 1] != '\n') word_ += text_[at_ + 1];
      at_ += 2;
    } else if (c == '$' && at_ + 1 < text_.size() && text_[at_ + 1] == '(') {
      // A substitution is one piece, blanks and all, so that a reference is recognised as one.
      std::size_t depth = 0;
      do {
        if (text_[at_] == '(') ++depth;
        if (text_[at_] == ')') --depth;
        word_ += text_[at_++];
      } while (at_ < text_.size() && (depth > 0 || text_[at_ - 1] == '$'));
    } else if (c == '`') {
      const std::size_t close = text_.find('`', at_ + 1);
      const std::size_t end = close == std::string_view::npos ? text_.size() : close + 1;
      word_ += text_.substr(at_, end - at_);
      at_ = end;
    } else {
      word_ += c;
      ++at_;
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool in_args_;
  std::size_t index_;
  std::vector<Word>& out_;
  std::string word_;
  bool open_ = false;
  bool begins_ = true;
};

bool WantsSplitting(std::string_view text) {
  for (char c : text) {
    if (IsBlank(c) || IsOperator(c)) return true;
  }
  return false;
}

void AddList(const support::Node& list, bool in_args, std::vector<Word>& out) {
  std::size_t index = 0;
  for (const support::Node& element : list) {
    const std::string_view text = element.text();
    if (out.size() >= kMaxWords) return;
    // Nobody but the program knows which argument is a script, so each that could be one is split (`--flag=a b` too).
    if (WantsSplitting(text)) {
      Splitter(text, in_args, index, out).Run();
    } else {
      out.push_back({std::string(text), in_args, index, out.empty()});
    }
    ++index;
  }
}

// `sleep 1.5m`: whole seconds, rounded up; -1 when it is no duration.
std::int64_t ParseSleep(std::string_view text) {
  std::int64_t unit = 1;
  if (!text.empty()) {
    const char last = text.back();
    if (last == 's' || last == 'm' || last == 'h' || last == 'd') {
      unit = last == 's' ? 1 : last == 'm' ? 60 : last == 'h' ? 3'600 : 86'400;
      text.remove_suffix(1);
    }
  }
  double value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (code != std::errc() || end != text.data() + text.size() || !(value >= 0) || value > 1e6) return -1;
  const double seconds = value * static_cast<double>(unit);
  const auto whole = static_cast<std::int64_t>(seconds);
  return static_cast<double>(whole) < seconds ? whole + 1 : whole;
}

}  // namespace

std::vector<Word> CommandWords(const support::Node& command, const support::Node& args) {
  std::vector<Word> words;
  AddList(command, false, words);
  AddList(args, true, words);
  return words;
}

std::vector<Word> SplitWords(std::string_view text) {
  std::vector<Word> words;
  Splitter(text, false, 0, words).Run();
  return words;
}

std::string_view BaseName(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

bool FollowsFile(const std::vector<Word>& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view name = BaseName(words[i].text);
    if (name != "tail" && name != "tailf" && name != "xtail") continue;
    bool follows = name != "tail";
    bool file = false;
    for (std::size_t j = i + 1; j < words.size() && !words[j].begins; ++j) {
      const std::string_view word = words[j].text;
      if (word.size() > 1 && word[0] == '-') {
        const bool is_long = word[1] == '-';
        follows =
            follows || (is_long ? word.substr(0, 8) == "--follow" : word.find_first_of("fF") != std::string_view::npos);
      } else if (!word.empty() && word.find_first_not_of("0123456789+") != std::string_view::npos) {
        file = file || !(word.substr(0, 5) == "/dev/" || word.substr(0, 6) == "/proc/");
      }
    }
    if (follows && file) return true;
  }
  return false;
}

long long SleepSeconds(const std::vector<Word>& words) {
  long long total = -1;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i].text;
    if (words[i].begins && (word == "while" || word == "until" || word == "for" || word == "if")) return -1;
    if (BaseName(word) != "sleep" || i + 1 >= words.size() || words[i + 1].begins) continue;
    // `sleep` as somebody's argument ("echo sleep 5") does not wait; after a shell's -c or as a list's first word it
    // does, and behind exec or env, which become it.
    const bool becomes =
        i > 0 && words[i - 1].begins && (words[i - 1].text == "exec" || BaseName(words[i - 1].text) == "env");
    if (!words[i].begins && !becomes) continue;
    const std::int64_t seconds = ParseSleep(words[i + 1].text);
    if (seconds < 0) return -1;
    total = (total < 0 ? 0 : total) + seconds;
  }
  return total;
}

}  // namespace seaworthy::cache
