// What nlohmann's lexer is shown of a JSON text. It reads byte by byte, which is slow, so it sees a skeleton: a string
// of plain ASCII is shown as "", a number as 0, and the real ones are handed to the SAX handler from here. Whatever is
// not plain (escapes, UTF-8, wrong numbers) is shown as it is, so the grammar, the escapes and all errors stay
// nlohmann's. json_test.cc compares both on mutated texts.
//
// Owned by one call of the parser; the text must outlive it. Not thread-safe.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>

#include "support/plain_bytes.h"

namespace seaworthy::support {

class JsonCursor {
 public:
  // `first_line` 0: lines are not counted and read as 0.
  JsonCursor(std::string_view text, std::uint32_t first_line)
      : begin_(text.data()),
        at_(text.data()),
        next_(at_),
        verbatim_end_(at_),
        end_(text.data() + text.size()),
        line_(first_line),
        line_step_(first_line == 0 ? 0 : 1) {}

  // The string that was shown as ""; false when it was shown as it is. To be called once per string.
  bool TakeString(std::string_view& value) {
    value = string_;
    return string_.data() != nullptr;
  }
  // The same for the number that was shown as 0.
  bool TakeNumber(std::string_view& value) {
    value = number_;
    number_ = {};
    return value.data() != nullptr;
  }
  std::uint32_t line() const { return line_; }
  std::uint32_t number_line() const { return number_line_; }  // the lexer reads one byte beyond a number
  std::size_t offset() const { return static_cast<std::size_t>(at_ - begin_); }
  bool at_end() const { return at_ == end_; }

  // Input iterator over the skeleton. A default one is the end.
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = char;

    Iterator() = default;
    explicit Iterator(JsonCursor* cursor) : cursor_(cursor) {}
    // Looks at the byte under the cursor; once per byte, as nlohmann's input adapter does.
    char operator*() const { return cursor_->Look(); }
    Iterator& operator++() {
      cursor_->at_ = cursor_->next_;
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator!=(const Iterator&) const { return cursor_->at_ != cursor_->end_; }
    bool operator==(const Iterator&) const { return cursor_->at_ == cursor_->end_; }

   private:
    JsonCursor* cursor_ = nullptr;
  };

 private:
  char Look() {
    const char c = *at_;
    next_ = at_ + 1;
    if (at_ < verbatim_end_) return c;
    if (c == '"') {
      OpenString();
    } else if (IsDigit(c) || c == '-') {
      return OpenNumber() ? '0' : c;
    } else if (c == '\n') {
      line_ += line_step_;
    }
    return c;
  }

  void OpenString() {
    const char* p = SkipPlain(at_ + 1);
    if (p != end_ && *p == '"') {
      string_ = {at_ + 1, static_cast<std::size_t>(p - at_ - 1)};
      next_ = p;
      verbatim_end_ = p + 1;
      return;
    }
    string_ = {};
    while (p != end_ && *p != '"') p = *p == '\\' ? std::min(p + 2, end_) : SkipPlain(p + 1);
    verbatim_end_ = p == end_ ? end_ : p + 1;
  }

  // True when a correct number stands here; it is then kept and passed over.
  bool OpenNumber() {
    const char* p = at_;
    if (*p == '-') ++p;
    const char* digits = p;
    p = SkipDigits(p);
    bool good = p != digits && (*digits != '0' || p == digits + 1);
    if (p != end_ && *p == '.') {
      digits = ++p;
      p = SkipDigits(p);
      good = good && p != digits;
    }
    if (p != end_ && (*p == 'e' || *p == 'E')) {
      ++p;
      if (p != end_ && (*p == '+' || *p == '-')) ++p;
      digits = p;
      p = SkipDigits(p);
      good = good && p != digits;
    }
    while (p != end_ && IsNumberByte(*p)) {
      good = false;
      ++p;
    }
    if (!good) {
      verbatim_end_ = p;
      return false;
    }
    number_ = {at_, static_cast<std::size_t>(p - at_)};
    number_line_ = line_;
    next_ = p;
    return true;
  }

  static bool IsDigit(char c) { return c >= '0' && c <= '9'; }
  static bool IsNumberByte(char c) { return IsDigit(c) || c == '+' || c == '-' || c == '.' || c == 'e' || c == 'E'; }
  const char* SkipDigits(const char* p) const {
    while (p != end_ && IsDigit(*p)) ++p;
    return p;
  }

  const char* SkipPlain(const char* p) const { return SkipPlainBytes(p, end_); }

  const char* begin_;
  const char* at_;
  const char* next_;          // where the iterator goes from `at_`
  const char* verbatim_end_;  // bytes before it are shown as they are
  const char* end_;
  std::uint32_t line_;
  std::uint32_t line_step_;
  std::uint32_t number_line_ = 0;
  std::string_view string_, number_;
};

}  // namespace seaworthy::support
