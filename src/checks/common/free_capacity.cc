#include "checks/common/free_capacity.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace seaworthy::checks {
namespace {

constexpr std::int64_t kNothing = std::numeric_limits<std::int64_t>::min();

// Alternately splits at the median of free CPU and of free memory. Equal nodes keep the order of their numbers.
void Arrange(std::span<std::uint32_t> members, const std::vector<Amounts>& free, bool by_cpu) {
  if (members.size() < 3) return;
  const auto middle = members.begin() + static_cast<std::ptrdiff_t>(members.size() / 2);
  std::nth_element(members.begin(), middle, members.end(), [&](std::uint32_t a, std::uint32_t b) {
    const std::int64_t left = by_cpu ? free[a].cpu : free[a].memory;
    const std::int64_t right = by_cpu ? free[b].cpu : free[b].memory;
    return left != right ? left > right : a < b;
  });
  Arrange(members.subspan(0, members.size() / 2), free, !by_cpu);
  Arrange(members.subspan(members.size() / 2), free, !by_cpu);
}

}  // namespace

void Amounts::Subtract(const Amounts& demand) {
  cpu -= demand.cpu;
  memory -= demand.memory;
  ephemeral -= demand.ephemeral;
  pods -= demand.pods;
  for (const auto& [index, amount] : demand.extended) extended[index].second -= amount;
}

void Amounts::Add(const Amounts& demand) {
  cpu += demand.cpu;
  memory += demand.memory;
  ephemeral += demand.ephemeral;
  pods += demand.pods;
  for (const auto& [index, amount] : demand.extended) extended[index].second += amount;
}

void FreeCapacity::Build(std::vector<Amounts> free, std::span<const std::uint32_t> group_of, std::uint32_t groups) {
  free_ = std::move(free);
  groups_.assign(groups, {});
  seats_.assign(free_.size(), {});
  for (std::uint32_t n = 0; n < free_.size(); ++n) {
    if (group_of[n] != kNoGroup) groups_[group_of[n]].members.push_back(n);
  }
  for (std::uint32_t g = 0; g < groups; ++g) {
    Group& group = groups_[g];
    Arrange(group.members, free_, true);
    group.leaves = std::bit_ceil(static_cast<std::uint32_t>(group.members.size()));
    group.tree.assign(std::size_t{2} * group.leaves, {kNothing, kNothing, kNothing});
    for (std::uint32_t leaf = 0; leaf < group.members.size(); ++leaf) {
      const Amounts& own = free_[group.members[leaf]];
      seats_[group.members[leaf]] = {g, leaf};
      group.tree[group.leaves + leaf] = {own.cpu, own.memory, own.pods};
    }
    for (std::uint32_t at = group.leaves - 1; at >= 1; --at) {
      const Most &left = group.tree[2 * at], &right = group.tree[2 * at + 1];
      group.tree[at] = {std::max(left.cpu, right.cpu), std::max(left.memory, right.memory),
                        std::max(left.pods, right.pods)};
    }
  }
}

bool FreeCapacity::Fits(std::uint32_t node, const Amounts& demand) const {
  const Amounts& own = free_[node];
  const auto fits = [](std::int64_t wanted, std::int64_t have) { return wanted <= 0 || wanted <= have; };
  if (!fits(demand.cpu, own.cpu) || !fits(demand.memory, own.memory) || !fits(demand.ephemeral, own.ephemeral) ||
      own.pods < demand.pods) {
    return false;
  }
  return std::all_of(demand.extended.begin(), demand.extended.end(),
                     [&](const auto& wanted) { return fits(wanted.second, own.extended[wanted.first].second); });
}

std::uint32_t FreeCapacity::Search(const Group& group, std::uint32_t at, const Amounts& demand,
                                   std::int64_t& work) const {
  ++work;
  const Most& most = group.tree[at];
  // kNothing marks padding and removed nodes, which even a demand of 0 must not find.
  if (most.pods == kNothing || most.pods < demand.pods || (demand.cpu > 0 && most.cpu < demand.cpu) ||
      (demand.memory > 0 && most.memory < demand.memory)) {
    return kNoNode;
  }
  if (at >= group.leaves) {
    const std::uint32_t node = group.members[at - group.leaves];
    return Fits(node, demand) ? node : kNoNode;
  }
  const std::uint32_t left = Search(group, 2 * at, demand, work);
  return left != kNoNode ? left : Search(group, 2 * at + 1, demand, work);
}

std::uint32_t FreeCapacity::FindFirst(std::uint32_t group, const Amounts& demand, std::int64_t& work) const {
  return Search(groups_[group], 1, demand, work);
}

void FreeCapacity::Set(Seat seat, Most most) {
  if (seat.group == kNoGroup) return;
  Group& group = groups_[seat.group];
  std::uint32_t at = group.leaves + seat.leaf;
  group.tree[at] = most;
  for (at /= 2; at >= 1; at /= 2) {
    const Most &left = group.tree[2 * at], &right = group.tree[2 * at + 1];
    group.tree[at] = {std::max(left.cpu, right.cpu), std::max(left.memory, right.memory),
                      std::max(left.pods, right.pods)};
  }
}

void FreeCapacity::Refresh(std::uint32_t node) {
  const Amounts& own = free_[node];
  Set(seats_[node], {own.cpu, own.memory, own.pods});
}

void FreeCapacity::Take(std::uint32_t node, const Amounts& demand) {
  free_[node].Subtract(demand);
  Refresh(node);
}

void FreeCapacity::Return(std::uint32_t node, const Amounts& demand) {
  free_[node].Add(demand);
  Refresh(node);
}

void FreeCapacity::Remove(std::uint32_t node) { Set(seats_[node], {kNothing, kNothing, kNothing}); }

}  // namespace seaworthy::checks
