// What has been read once, by a hash of its source: parts of pod templates that are written alike are held once
// (seaworthy/shared.h), and are not decoded again.
//
// The key is a SipHash under a random key: a tenant cannot make a part that passes for another's. Thread-safe.
#pragma once

#include <algorithm>
#include <cstddef>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

#include "seaworthy/shared.h"
#include "support/sip_hash.h"

namespace seaworthy::cache {

template <typename T>
class SharedTable {
 public:
  std::optional<Shared<T>> Find(const support::Hash128& key) const {
    const std::lock_guard lock(mutex_);
    const auto found = values_.find(key);
    return found == values_.end() ? std::nullopt : std::optional(found->second);
  }
  // The one that is kept: `value`, or an equal one that another thread brought first.
  Shared<T> Insert(const support::Hash128& key, Shared<T> value) {
    const std::lock_guard lock(mutex_);
    Shared<T> kept = values_.try_emplace(key, std::move(value)).first->second;
    // What only the table has is dropped whenever it has grown by a quarter: a constant number of looks an insertion,
    // and the dead are never more than a quarter of all.
    if (values_.size() >= sweep_at_) {
      std::erase_if(values_, [](const auto& item) { return item.second.unique(); });
      sweep_at_ = std::max(kFirstSweep, values_.size() + values_.size() / 4);
    }
    return kept;
  }
  std::size_t size() const {  // those included that nobody else has any more, until the next sweep
    const std::lock_guard lock(mutex_);
    return values_.size();
  }

 private:
  static constexpr std::size_t kFirstSweep = 256;

  mutable std::mutex mutex_;
  std::unordered_map<support::Hash128, Shared<T>> values_;
  std::size_t sweep_at_ = kFirstSweep;
};

}  // namespace seaworthy::cache
