#include "score/decided.h"

#include <utility>

namespace seaworthy::score {
namespace {

std::size_t HashOf(const Decided& value) {
  std::uint64_t flags = 0;
  for (const std::uint8_t part : {static_cast<std::uint8_t>(value.verdict), static_cast<std::uint8_t>(value.cause),
                                  static_cast<std::uint8_t>(value.severity), static_cast<std::uint8_t>(value.known),
                                  static_cast<std::uint8_t>(value.beneath), static_cast<std::uint8_t>(value.last),
                                  static_cast<std::uint8_t>(value.decided)}) {
    flags = flags << 8 | part;
  }
  std::uint64_t hash = value.message.hash() ^ flags * 0x9e3779b97f4a7c15ULL;
  hash ^= hash >> 32;
  return hash * 0x9e3779b97f4a7c15ULL >> 16;
}

}  // namespace

DecidedTable::DecidedTable() : heads_(kPage) {
  Grow();
  free_ = SlotOf(kNothing).next;  // the first one is kNothing
}

DecidedTable::Id& DecidedTable::HeadOf(const Decided& value) { return heads_[HashOf(value) & (heads_.size() - 1)]; }

void DecidedTable::Grow() {
  const auto first = static_cast<Id>(pages_.size() * kPage);
  pages_.push_back(std::make_unique<Slot[]>(kPage));
  for (Id id = first; id < first + kPage; ++id) SlotOf(id).next = id + 1 < first + kPage ? id + 1 : free_;
  free_ = first;
}

DecidedTable::Id DecidedTable::Keep(const Decided& value) {
  if (value == SlotOf(kNothing).value) return kNothing;
  for (Id id = HeadOf(value); id != kNothing; id = SlotOf(id).next) {
    Slot& slot = SlotOf(id);
    if (!(slot.value == value)) continue;
    ++slot.uses;
    return id;
  }
  if (used_ == heads_.size()) {
    std::vector<Id> before(heads_.size() * 2);
    std::swap(heads_, before);
    for (Id id : before) {
      while (id != kNothing) {
        Id& head = HeadOf(SlotOf(id).value);
        const Id next = std::exchange(SlotOf(id).next, head);
        head = std::exchange(id, next);
      }
    }
  }
  if (free_ == kNothing) Grow();
  const Id id = free_;
  Slot& slot = SlotOf(id);
  free_ = slot.next;
  slot.value = value;
  slot.uses = 1;
  Id& head = HeadOf(value);
  slot.next = std::exchange(head, id);
  ++used_;
  return id;
}

void DecidedTable::Drop(Id id) {
  if (id == kNothing) return;
  Slot& slot = SlotOf(id);
  if (--slot.uses != 0) return;
  Id* link = &HeadOf(slot.value);
  while (*link != id) link = &SlotOf(*link).next;
  *link = slot.next;
  slot.value = {};
  slot.next = std::exchange(free_, id);
  --used_;
}

std::size_t DecidedTable::resident_bytes() const {
  return pages_.size() * kPage * sizeof(Slot) + heads_.capacity() * sizeof(Id);
}

}  // namespace seaworthy::score
