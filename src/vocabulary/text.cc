#include "seaworthy/text.h"

#include <mutex>
#include <new>
#include <utility>
#include <vector>

namespace seaworthy {

// A hash table that is chained through the texts themselves: a set's nodes would cost as much as most texts.
struct TextPool::Shard {
  mutable std::mutex mutex;
  std::vector<Text::Rep*> heads = std::vector<Text::Rep*>(16);  // a power of two of them
  std::size_t count = 0;
  std::size_t bytes = 0;

  // The lowest bits choose the shard.
  Text::Rep*& HeadOf(std::size_t hash) { return heads[(hash / kShards) & (heads.size() - 1)]; }
  void Grow() {
    std::vector<Text::Rep*> before(heads.size() * 2);
    std::swap(heads, before);
    for (Text::Rep* rep : before) {
      while (rep != nullptr) {
        Text::Rep*& head = HeadOf(rep->hash);
        Text::Rep* const next = std::exchange(rep->next, head);
        head = std::exchange(rep, next);
      }
    }
  }
};

TextPool::TextPool() : shards_(std::make_unique<Shard[]>(kShards)) {}

TextPool::~TextPool() {
  for (std::size_t i = 0; i < kShards; ++i) {
    for (Text::Rep* rep : shards_[i].heads) {
      while (rep != nullptr) ::operator delete(std::exchange(rep, rep->next));
    }
  }
}

Text TextPool::Intern(std::string_view value) {
  if (value.empty()) return Text();
  const std::size_t hash = std::hash<std::string_view>()(value);
  Shard& shard = shards_[hash % kShards];
  const std::lock_guard lock(shard.mutex);
  for (Text::Rep* rep = shard.HeadOf(hash); rep != nullptr; rep = rep->next) {
    if (rep->hash != hash || std::string_view(reinterpret_cast<const char*>(rep + 1), rep->size) != value) continue;
    rep->refs.fetch_add(1, std::memory_order_relaxed);
    return Text(rep);
  }
  if (shard.count == shard.heads.size()) shard.Grow();
  void* memory = ::operator new(sizeof(Text::Rep) + value.size());
  Text::Rep*& head = shard.HeadOf(hash);
  auto* rep = new (memory) Text::Rep{head, this, hash, {1}, static_cast<std::uint32_t>(value.size())};
  value.copy(reinterpret_cast<char*>(rep + 1), value.size());
  head = rep;
  ++shard.count;
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
  TextPool::Shard& shard = rep->pool->shards_[rep->hash % TextPool::kShards];
  const std::lock_guard lock(shard.mutex);
  if (rep->refs.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  Rep** link = &shard.HeadOf(rep->hash);
  while (*link != rep) link = &(*link)->next;
  *link = rep->next;
  --shard.count;
  shard.bytes -= sizeof(Rep) + rep->size;
  ::operator delete(rep);
}

std::size_t TextPool::size() const {
  std::size_t total = 0;
  for (std::size_t i = 0; i < kShards; ++i) {
    const std::lock_guard lock(shards_[i].mutex);
    total += shards_[i].count;
  }
  return total;
}

std::size_t TextPool::resident_bytes() const {
  std::size_t total = 0;
  for (std::size_t i = 0; i < kShards; ++i) {
    const std::lock_guard lock(shards_[i].mutex);
    total += shards_[i].bytes + shards_[i].heads.size() * sizeof(void*);
  }
  return total;
}

}  // namespace seaworthy
