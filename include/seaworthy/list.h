// List<T>: a sequence in 8 bytes where std::vector takes 24. Projections have a dozen of them each, most of them empty
// or of one or two items, and there are a hundred thousand projections.
//
// Interface and guarantees are std::vector's, as far as they go; the size and the capacity stand before the items.
// Growing takes half as much again, and what the allocator would round up to.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

namespace seaworthy {

template <typename T>
class List {
 public:
  using value_type = T;
  using size_type = std::size_t;
  using difference_type = std::ptrdiff_t;
  using reference = T&;
  using const_reference = const T&;
  using iterator = T*;
  using const_iterator = const T*;

  constexpr List() = default;
  List(std::initializer_list<T> items) { assign(items.begin(), items.end()); }
  template <std::forward_iterator Iterator>
  List(Iterator first, Iterator last) {
    assign(first, last);
  }
  // What was gathered in a vector.
  List(std::vector<T>&& items) {  // NOLINT(google-explicit-constructor): the items stay the same
    reserve(items.size());
    for (T& item : items) push_back(std::move(item));
  }
  List(const List& other) { assign(other.begin(), other.end()); }
  List(List&& other) noexcept : head_(std::exchange(other.head_, nullptr)) {}
  List& operator=(List other) noexcept {
    std::swap(head_, other.head_);
    return *this;
  }
  ~List() { clear(); }

  bool empty() const { return size() == 0; }
  std::size_t size() const { return head_ == nullptr ? 0 : head_->size; }
  std::size_t capacity() const { return head_ == nullptr ? 0 : head_->capacity; }
  T* data() { return head_ == nullptr ? nullptr : Items(head_); }
  const T* data() const { return head_ == nullptr ? nullptr : Items(head_); }
  T* begin() { return data(); }
  T* end() { return data() + size(); }
  const T* begin() const { return data(); }
  const T* end() const { return data() + size(); }
  auto rbegin() const { return std::make_reverse_iterator(end()); }
  auto rend() const { return std::make_reverse_iterator(begin()); }
  T& operator[](std::size_t index) { return data()[index]; }
  const T& operator[](std::size_t index) const { return data()[index]; }
  T& front() { return *begin(); }
  const T& front() const { return *begin(); }
  T& back() { return end()[-1]; }
  const T& back() const { return end()[-1]; }

  void reserve(std::size_t wanted) {
    if (wanted > capacity()) Move(wanted);
  }
  // By value: it may be one of the list's own.
  void push_back(T item) {
    if (size() == capacity()) Move(CapacityFor(size() + size() / 2 + 1));
    new (Items(head_) + head_->size) T(std::move(item));
    ++head_->size;
  }
  template <typename... Arguments>
  T& emplace_back(Arguments&&... arguments) {
    push_back(T(std::forward<Arguments>(arguments)...));
    return back();
  }
  T* insert(const T* at, T item) {
    const std::ptrdiff_t index = at - begin();
    push_back(std::move(item));
    std::rotate(begin() + index, end() - 1, end());
    return begin() + index;
  }
  template <std::forward_iterator Iterator>
  T* insert(const T* at, Iterator first, Iterator last) {
    const std::ptrdiff_t index = at - begin();
    const std::size_t before = size();
    reserve(before + static_cast<std::size_t>(std::distance(first, last)));
    for (; first != last; ++first) push_back(*first);
    std::rotate(begin() + index, begin() + before, end());
    return begin() + index;
  }
  T* erase(const T* at) { return erase(at, at + 1); }
  T* erase(const T* first, const T* last) {
    T* const from = begin() + (first - begin());
    if (first == last) return from;
    T* const rest = std::move(begin() + (last - begin()), end(), from);
    std::destroy(rest, end());
    head_->size = static_cast<std::uint32_t>(rest - Items(head_));
    return from;
  }
  void shrink_to_fit() {
    if (size() < capacity()) empty() ? clear() : Move(size());
  }
  void pop_back() { erase(end() - 1); }
  void resize(std::size_t wanted) {
    if (wanted < size()) erase(begin() + wanted, end());
    reserve(wanted);
    while (size() < wanted) push_back(T());
  }
  template <std::forward_iterator Iterator>
  void assign(Iterator first, Iterator last) {
    clear();
    reserve(static_cast<std::size_t>(std::distance(first, last)));
    for (; first != last; ++first) push_back(*first);
  }
  // Gives the memory back, too.
  void clear() {
    if (head_ == nullptr) return;
    std::destroy(begin(), end());
    ::operator delete(std::exchange(head_, nullptr));
  }

  friend bool operator==(const List& a, const List& b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

 private:
  struct Head {
    std::uint32_t size, capacity;
  };
  static T* Items(Head* head) {
    static_assert(alignof(T) <= sizeof(Head));
    return reinterpret_cast<T*>(head + 1);
  }
  static const T* Items(const Head* head) { return reinterpret_cast<const T*>(head + 1); }
  // As many as fit into what glibc hands out for `wanted` (chunks of 16 bytes, 8 of them its own), which costs no more.
  static std::size_t CapacityFor(std::size_t wanted) {
    const std::size_t bytes = sizeof(Head) + wanted * sizeof(T);
    return ((bytes + 7) / 16 * 16 + 8 - sizeof(Head)) / sizeof(T);
  }
  void Move(std::size_t capacity) {
    static_assert(std::is_nothrow_move_constructible_v<T>);
    Head* const head = new (::operator new(sizeof(Head) + capacity * sizeof(T)))
        Head{static_cast<std::uint32_t>(size()), static_cast<std::uint32_t>(capacity)};
    std::uninitialized_move(begin(), end(), Items(head));
    clear();
    head_ = head;
  }

  Head* head_ = nullptr;
};

template <typename T, typename Predicate>
std::size_t erase_if(List<T>& list, Predicate predicate) {
  T* const rest = std::remove_if(list.begin(), list.end(), predicate);
  const auto erased = static_cast<std::size_t>(list.end() - rest);
  list.erase(rest, list.end());
  return erased;
}

template <typename T, typename U>
std::size_t erase(List<T>& list, const U& value) {
  return erase_if(list, [&value](const T& item) { return item == value; });
}

}  // namespace seaworthy
