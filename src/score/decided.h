// What the engine keeps of each check about each subject: a million small values, of which a few thousand differ. Each
// different one is held once; a subject has four bytes a check.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "seaworthy/check.h"
#include "seaworthy/list.h"
#include "seaworthy/text.h"

namespace seaworthy::score {

struct Decided {
  Verdict verdict = Verdict::kUnknown;
  UnknownCause cause = UnknownCause::kNone;
  Severity severity = Severity::kInfo;
  bool known = false;                   // evaluated at least once
  Verdict beneath = Verdict::kUnknown;  // what was found, where the verdict is somebody's answer for it
  Verdict last = Verdict::kUnknown;     // the last verdict that was decided: neither na nor unknown
  bool decided = false;                 // for held checks: the verdict was decided, it is no placeholder
  Text message;

  bool ShowsAs(const Decided& other) const {
    return known == other.known && verdict == other.verdict && cause == other.cause && severity == other.severity &&
           beneath == other.beneath && message == other.message;
  }
  bool operator==(const Decided&) const = default;
};

// The different values, each with the number of its uses. Not thread-safe.
class DecidedTable {
 public:
  using Id = std::uint32_t;
  static constexpr Id kNothing = 0;  // Decided{}: always there, not counted

  DecidedTable();

  // Valid as long as somebody uses it.
  const Decided& operator[](Id id) const { return SlotOf(id).value; }
  Id Keep(const Decided& value);
  void Drop(Id id);
  std::size_t size() const { return used_; }  // different ones in use
  std::size_t resident_bytes() const;

 private:
  static constexpr std::size_t kPage = 256;
  struct Slot {
    Decided value;
    std::uint32_t uses = 0;
    Id next = 0;  // in the chain of its hash, or of the free ones
  };
  const Slot& SlotOf(Id id) const { return pages_[id / kPage][id % kPage]; }
  Slot& SlotOf(Id id) { return pages_[id / kPage][id % kPage]; }
  Id& HeadOf(const Decided& value);
  void Grow();

  std::vector<std::unique_ptr<Slot[]>> pages_;  // slots stay where they are
  std::vector<Id> heads_;                       // by hash; a power of two of them
  Id free_ = kNothing;
  std::size_t used_ = 0;
};

// By index in the list of checks of the subject's type.
class DecidedList {
 public:
  // `table` must outlive it.
  explicit DecidedList(DecidedTable& table) : table_(&table) {}
  DecidedList(DecidedList&& other) noexcept = default;
  DecidedList& operator=(DecidedList&& other) noexcept {
    std::swap(table_, other.table_);
    std::swap(ids_, other.ids_);
    return *this;
  }
  ~DecidedList() { Reset(0); }

  std::size_t size() const { return ids_.size(); }
  // Valid until the next Set.
  const Decided& operator[](std::size_t index) const { return (*table_)[ids_[index]]; }
  void Set(std::size_t index, const Decided& value) {
    const DecidedTable::Id before = ids_[index];
    ids_[index] = table_->Keep(value);
    table_->Drop(before);
  }
  // So many, and nothing known of any.
  void Reset(std::size_t size) {
    for (const DecidedTable::Id id : ids_) table_->Drop(id);
    ids_.clear();
    ids_.resize(size);
  }

 private:
  DecidedTable* table_;
  List<DecidedTable::Id> ids_;
};

}  // namespace seaworthy::score
