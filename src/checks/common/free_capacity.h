// What nodes have free, kept so that the first node of a group on which a demand fits is found without looking at all
// of them.
//
// The nodes of a group stand in the order of a k-d tree over free CPU and memory, with a tree of maxima above: a
// subtree without enough of either is skipped, and since neighbours are alike the subtrees are mostly all or nothing.
// Single-threaded; plain data.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace seaworthy::checks {

struct Amounts {
  std::int64_t cpu = 0, memory = 0, ephemeral = 0;
  std::int64_t pods = 1;
  // (index of the resource's name, amount), by index. Of a node: every index there is, so that position equals index.
  std::vector<std::pair<std::uint32_t, std::int64_t>> extended;

  // REQUIRES: this is a node's.
  void Subtract(const Amounts& demand);
  void Add(const Amounts& demand);
};

class FreeCapacity {
 public:
  static constexpr std::uint32_t kNoGroup = 0xffffffff;
  static constexpr std::uint32_t kNoNode = 0xffffffff;

  // `group_of[n]` is kNoGroup for nodes that take nothing.
  void Build(std::vector<Amounts> free, std::span<const std::uint32_t> group_of, std::uint32_t groups);

  // A demand of 0 fits everywhere, over-committed nodes included, as in the scheduler.
  bool Fits(std::uint32_t node, const Amounts& demand) const;
  // kNoNode where it fits on none; counts the steps it took in `work`.
  std::uint32_t FindFirst(std::uint32_t group, const Amounts& demand, std::int64_t& work) const;
  void Take(std::uint32_t node, const Amounts& demand);
  void Return(std::uint32_t node, const Amounts& demand);
  // While removed a node is not found; Take and Return do not apply to it.
  void Remove(std::uint32_t node);
  void Restore(std::uint32_t node) { Refresh(node); }

  const Amounts& At(std::uint32_t node) const { return free_[node]; }
  std::span<const std::uint32_t> Members(std::uint32_t group) const { return groups_[group].members; }

 private:
  struct Most {
    std::int64_t cpu, memory, pods;
  };
  struct Group {
    std::vector<std::uint32_t> members;  // in the tree's order
    std::vector<Most> tree;              // a heap from index 1; leaves from `leaves`
    std::uint32_t leaves = 1;            // a power of two
  };
  struct Seat {
    std::uint32_t group = kNoGroup, leaf = 0;
  };

  void Refresh(std::uint32_t node);
  void Set(Seat seat, Most most);
  std::uint32_t Search(const Group& group, std::uint32_t at, const Amounts& demand, std::int64_t& work) const;

  std::vector<Amounts> free_;
  std::vector<Group> groups_;
  std::vector<Seat> seats_;
};

}  // namespace seaworthy::checks
