// Shared<T>: an immutable value held once by all that have an equal one, in 8 bytes; T{} without any memory. Security
// contexts, resources and probes are written thousands of times and differ in a handful of ways.
//
// Reads as the T itself. Whoever makes it shared is a table (cache/shared_table.h); what is built by hand is an only
// copy. Copying, reading and destroying are thread-safe, as of a std::shared_ptr; edit() is for the owner of the
// handle.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace seaworthy {

template <typename T>
class Shared {
 public:
  constexpr Shared() = default;
  Shared(T value) : rep_(new Rep{{1}, std::move(value)}) {}  // NOLINT(google-explicit-constructor): reads as the value
  Shared(const Shared& other) noexcept : rep_(other.rep_) {
    if (rep_ != nullptr) rep_->refs.fetch_add(1, std::memory_order_relaxed);
  }
  Shared(Shared&& other) noexcept : rep_(std::exchange(other.rep_, nullptr)) {}
  Shared& operator=(Shared other) noexcept {
    std::swap(rep_, other.rep_);
    return *this;
  }
  ~Shared() {
    if (rep_ != nullptr && rep_->refs.fetch_sub(1, std::memory_order_acq_rel) == 1) delete rep_;
  }

  const T& operator*() const { return rep_ == nullptr ? Default() : rep_->value; }
  const T* operator->() const { return &**this; }
  operator const T&() const { return **this; }  // NOLINT(google-explicit-constructor): reads as the value
  // The value to be changed: a copy of its own, where others have it, too.
  T& edit() {
    if (rep_ == nullptr || !unique()) *this = Shared(T(**this));
    return rep_->value;
  }
  // Nobody else has it.
  bool unique() const { return rep_ != nullptr && rep_->refs.load(std::memory_order_acquire) == 1; }
  // T{}, and without any memory.
  bool empty() const { return rep_ == nullptr; }

  friend bool operator==(const Shared& a, const Shared& b) { return a.rep_ == b.rep_ || *a == *b; }

 private:
  struct Rep {
    std::atomic<std::uint32_t> refs;
    T value;
  };
  static const T& Default() {
    static const T value{};
    return value;
  }

  Rep* rep_ = nullptr;
};

}  // namespace seaworthy
