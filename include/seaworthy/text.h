// Text: an interned, immutable string of 8 bytes. Equal texts of one TextPool share storage, so names, label keys,
// images and namespaces that recur over thousands of objects are held once, and == is a pointer comparison.
//
// A Text keeps its characters alive by a reference count; the last one to go frees them, so a long run leaks nothing.
// Copying and destroying are thread-safe, and so is TextPool::Intern. All Texts must be gone before their pool is.
#pragma once

#include <atomic>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace seaworthy {

class TextPool;

class Text {
 public:
  constexpr Text() = default;
  Text(const Text& other) noexcept : rep_(other.rep_) {
    if (rep_ != nullptr) rep_->refs.fetch_add(1, std::memory_order_relaxed);
  }
  Text(Text&& other) noexcept : rep_(std::exchange(other.rep_, nullptr)) {}
  Text& operator=(Text other) noexcept {
    std::swap(rep_, other.rep_);
    return *this;
  }
  ~Text() {
    if (rep_ != nullptr) Release(rep_);
  }

  std::string_view view() const {
    return rep_ == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(rep_ + 1), rep_->size);
  }
  operator std::string_view() const {
    return view();
  }  // NOLINT(google-explicit-constructor): a Text is a string to its readers
  std::string str() const { return std::string(view()); }
  bool empty() const { return rep_ == nullptr; }
  std::size_t size() const { return rep_ == nullptr ? 0 : rep_->size; }
  std::size_t hash() const { return rep_ == nullptr ? 0 : rep_->hash; }

  friend bool operator==(const Text& a, const Text& b) {
    return a.rep_ == b.rep_ ||
           (a.rep_ != nullptr && b.rep_ != nullptr && a.rep_->pool != b.rep_->pool && a.view() == b.view());
  }
  friend bool operator==(const Text& a, std::string_view b) { return a.view() == b; }
  friend bool operator==(const Text& a, const char* b) { return a.view() == b; }
  // Alphabetical, so that what is sorted by it is the same in every run.
  friend std::strong_ordering operator<=>(const Text& a, const Text& b) {
    return a.rep_ == b.rep_ ? std::strong_ordering::equal : a.view() <=> b.view();
  }

 private:
  friend class TextPool;
  struct Rep {
    Rep* next;  // of the pool's chain
    TextPool* pool;
    std::size_t hash;
    std::atomic<std::uint32_t> refs;
    std::uint32_t size;
    // `size` characters follow.
  };
  explicit Text(Rep* rep) : rep_(rep) {}
  static void Release(Rep* rep);

  Rep* rep_ = nullptr;
};

class TextPool {
 public:
  TextPool();
  ~TextPool();
  TextPool(const TextPool&) = delete;
  TextPool& operator=(const TextPool&) = delete;

  // The empty string gives an empty Text.
  Text Intern(std::string_view value);
  std::size_t size() const;            // distinct texts
  std::size_t resident_bytes() const;  // what they and their tables occupy

 private:
  friend class Text;
  struct Shard;
  static constexpr std::size_t kShards = 16;
  std::unique_ptr<Shard[]> shards_;
};

}  // namespace seaworthy

template <>
struct std::hash<seaworthy::Text> {
  std::size_t operator()(const seaworthy::Text& text) const noexcept { return text.hash(); }
};
