#include "seaworthy/text.h"

#include <mutex>
#include <new>
#include <unordered_set>

namespace seaworthy {

struct TextPool::Shard {
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view value) const { return std::hash<std::string_view>()(value); }
    std::size_t operator()(const Text::Rep* rep) const { return rep->hash; }
  };
  struct Equal {
    using is_transparent = void;
    static std::string_view View(std::string_view value) { return value; }
    static std::string_view View(const Text::Rep* rep) { return {reinterpret_cast<const char*>(rep + 1), rep->size}; }
    bool operator()(const auto& a, const auto& b) const { return View(a) == View(b); }
  };
  mutable std::mutex mutex;
  std::unordered_set<Text::Rep*, Hash, Equal> reps;
  std::size_t bytes = 0;
};

TextPool::TextPool() : shards_(std::make_unique<Shard[]>(kShards)) {}

TextPool::~TextPool() {
  for (std::size_t i = 0; i < kShards; ++i) {
    for (Text::Rep* rep : shards_[i].reps) ::operator delete(rep);
  }
}

Text TextPool::Intern(std::string_view value) {
  if (value.empty()) return Text();
  const std::size_t hash = std::hash<std::string_view>()(value);
  Shard& shard = shards_[(hash >> 8) % kShards];
  const std::lock_guard lock(shard.mutex);
  if (auto found = shard.reps.find(value); found != shard.reps.end()) {
    (*found)->refs.fetch_add(1, std::memory_order_relaxed);
    return Text(*found);
  }
  void* memory = ::operator new(sizeof(Text::Rep) + value.size());
  auto* rep = new (memory) Text::Rep{{1}, static_cast<std::uint32_t>(value.size()), hash, this};
  value.copy(reinterpret_cast<char*>(rep + 1), value.size());
  shard.reps.insert(rep);
  shard.bytes += sizeof(Text::Rep) + value.size();
  return Text(rep);
}

void Text::Release(Rep* rep) {
  // The count may only reach zero under the shard's lock: Intern hands out a rep it finds there, so one that is about
  // to be freed must not be findable.
  std::uint32_t refs = rep->refs.load(std::memory_order_relaxed);
  while (refs > 1) {
    if (rep->refs.compare_exchange_weak(refs, refs - 1, std::memory_order_release, std::memory_order_relaxed)) return;
  }
  TextPool::Shard& shard = rep->pool->shards_[(rep->hash >> 8) % TextPool::kShards];
  const std::lock_guard lock(shard.mutex);
  if (rep->refs.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  shard.reps.erase(rep);
  shard.bytes -= sizeof(Rep) + rep->size;
  ::operator delete(rep);
}

std::size_t TextPool::size() const {
  std::size_t total = 0;
  for (std::size_t i = 0; i < kShards; ++i) {
    const std::lock_guard lock(shards_[i].mutex);
    total += shards_[i].reps.size();
  }
  return total;
}

std::size_t TextPool::resident_bytes() const {
  constexpr std::size_t kNode = 24;  // unordered_set's node and its share of the bucket array
  std::size_t total = 0;
  for (std::size_t i = 0; i < kShards; ++i) {
    const std::lock_guard lock(shards_[i].mutex);
    total += shards_[i].bytes + shards_[i].reps.size() * kNode;
  }
  return total;
}

}  // namespace seaworthy
