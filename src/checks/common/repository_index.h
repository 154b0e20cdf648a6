// A list of repositories that images are held against, as RepositoryEndsIn (roles.h) does it, by the last character of
// its entries: nearly every pair of an image and an entry differs there, and every workload is held against every list.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "checks/common/roles.h"

namespace seaworthy::checks {

class RepositoryIndex {
 public:
  // `number` is what Find answers; entries must outlive the index, as literals do.
  void Add(std::string_view entry, std::size_t number) {
    if (!entry.empty()) by_end_[Slot(entry)].emplace_back(entry, number);
  }
  // The largest number of an entry that the repository ends in; -1: of none.
  std::ptrdiff_t FindLast(std::string_view repository) const {
    std::ptrdiff_t last = -1;
    if (repository.empty()) return last;
    for (const auto& [entry, number] : by_end_[Slot(repository)]) {
      const auto of = static_cast<std::ptrdiff_t>(number);
      if (of > last && RepositoryEndsIn(repository, entry)) last = of;
    }
    return last;
  }

 private:
  static std::size_t Slot(std::string_view text) { return static_cast<unsigned char>(text.back()) % kSlots; }

  static constexpr std::size_t kSlots = 64;
  std::array<std::vector<std::pair<std::string_view, std::size_t>>, kSlots> by_end_;
};

}  // namespace seaworthy::checks
