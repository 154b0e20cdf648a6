#include "sinks/report/sorted_findings.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace seaworthy::sinks::report {
namespace {

int Place(Verdict verdict) {
  switch (verdict) {
    case Verdict::kFail: return 0;
    case Verdict::kWarn: return 1;
    case Verdict::kWaived: return 2;
    case Verdict::kAttested: return 3;
    default: return 4;
  }
}

}  // namespace

Sorted Sort(const std::vector<Item>& items) {
  Sorted sorted;
  std::map<std::pair<UnknownCause, std::string_view>, std::vector<std::string_view>> groups;
  for (const Item& item : items) {
    const Finding& finding = *item.finding;
    ++sorted.counts[static_cast<std::size_t>(finding.verdict)][static_cast<std::size_t>(finding.severity)];
    if (finding.verdict == Verdict::kPass) {
      sorted.passed.push_back(finding.check->id);
    } else if (finding.verdict == Verdict::kUnknown) {
      groups[{finding.cause, finding.message}].push_back(finding.check->id);
    } else if (finding.verdict != Verdict::kNa) {
      sorted.shown.push_back(item);
    }
  }
  std::sort(sorted.shown.begin(), sorted.shown.end(), [](const Item& a, const Item& b) {
    const auto rank = [](const Item& item) {
      return std::tuple(Place(item.finding->verdict), -static_cast<int>(item.finding->severity),
                        item.finding->check->id, std::string_view(item.subject));
    };
    return rank(a) < rank(b);
  });
  const auto unique = [](std::vector<std::string_view>& ids) {
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  };
  unique(sorted.passed);
  // Several budgets are judged by one check: it passed when it passed for all of them.
  std::erase_if(sorted.passed, [&](std::string_view id) {
    return std::any_of(items.begin(), items.end(), [&](const Item& item) {
      const Finding& other = *item.finding;
      return other.check->id == id && other.verdict != Verdict::kPass && other.verdict != Verdict::kNa;
    });
  });
  for (auto& [key, ids] : groups) {
    unique(ids);
    sorted.unknown.push_back({key.first, key.second, std::move(ids)});
  }
  // What most checks wait for is what to mend first.
  std::stable_sort(sorted.unknown.begin(), sorted.unknown.end(),
                   [](const auto& a, const auto& b) { return a.checks.size() > b.checks.size(); });
  return sorted;
}

}  // namespace seaworthy::sinks::report
