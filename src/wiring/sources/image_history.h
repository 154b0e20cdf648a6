// What an image's history says was left behind in it: caches of package managers, compilers, copies of repositories.
//
// A history has the commands of the final stage (and of the images it is based on), so what an earlier stage did is not
// complained about. Commands may name credentials; what is quoted of them is words of a harmless form.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace seaworthy::wiring {

struct HistoryStep {
  std::string command;     // created_by
  std::int64_t bytes = 0;  // of its layer, compressed; 0: not known; less: it made none
};

// "apt-get install -y curl: package lists are kept (/var/lib/apt/lists)". In the order of the history, few.
std::vector<std::string> Leftovers(std::span<const HistoryStep> history);

}  // namespace seaworthy::wiring
