// What checks work out of the whole cluster and is the same for every subject: the worker nodes, what DaemonSets
// request, whether an autoscaler runs. Made when it is first asked for, and again once an object of the kinds that it
// rests on has changed; so a pass over all subjects costs one pass over the cluster, not one for each of them.
//
// A fact is a type with
//   static constexpr KindSet kRestsOn;     // a change of an object of these, or of how well one is known, voids it
//   explicit T(const Snapshot& snapshot);
// It may keep pointers to records, and work out more when it is asked (mutable members): it lives on the core thread
// alone, like the snapshot, and is gone before anything that it points to.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "seaworthy/kind.h"

namespace seaworthy {

class Snapshot;

class ClusterFacts {
 public:
  // Valid until the next Changed() of a kind that the fact rests on.
  template <typename Fact>
  const Fact& Get(const Snapshot& snapshot) {
    const std::uint64_t version = VersionOf(Fact::kRestsOn);
    for (Kept& kept : kept_) {
      if (kept.key != &kKey<Fact>) continue;
      if (kept.version != version) {
        kept.fact = std::make_shared<Fact>(snapshot);
        kept.version = version;
      }
      return *static_cast<const Fact*>(kept.fact.get());
    }
    kept_.push_back({&kKey<Fact>, version, std::make_shared<Fact>(snapshot)});
    return *static_cast<const Fact*>(kept_.back().fact.get());
  }

  void Changed(Kind kind) { ++versions_[static_cast<std::size_t>(kind)]; }

 private:
  template <typename Fact>
  static constexpr char kKey = 0;
  struct Kept {
    const void* key;
    std::uint64_t version;
    std::shared_ptr<void> fact;
  };

  // Each part only grows, so equal sums mean that none has moved.
  std::uint64_t VersionOf(KindSet kinds) const {
    std::uint64_t sum = 0;
    kinds.ForEach([&](Kind kind) { sum += versions_[static_cast<std::size_t>(kind)]; });
    return sum;
  }

  std::array<std::uint64_t, kKindCount> versions_{};
  std::vector<Kept> kept_;
};

}  // namespace seaworthy
