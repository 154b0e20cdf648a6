#include "checks/common/findings.h"

#include <algorithm>

#include "checks/common/paths.h"

namespace seaworthy::checks {
namespace {

int Badness(Verdict verdict) {
  switch (verdict) {
    case Verdict::kFail: return 3;
    case Verdict::kWarn: return 2;
    case Verdict::kUnknown: return 1;
    default: return 0;
  }
}

}  // namespace

void Findings::Add(Verdict verdict, const Workload& workload, const Container& container, std::string_view field,
                   std::string_view what) {
  if (context_.IsWaived(container)) {
    left_out_ = true;
    return;
  }
  std::string text = std::string(RoleWord(container)) + " " + container.name.str() + ": ";
  text += what;
  items_.push_back({verdict, container.name, ContainerPath(workload, container, field), std::move(text)});
}

void Findings::Add(Verdict verdict, std::string path, std::string_view what) {
  items_.push_back({verdict, Text(), std::move(path), std::string(what)});
}

Outcome Findings::Finish(Outcome pass) && {
  if (items_.empty()) {
    pass.left_out = left_out_;
    return pass;
  }
  const auto worst = std::max_element(items_.begin(), items_.end(), [](const Item& a, const Item& b) {
    return Badness(a.verdict) < Badness(b.verdict);
  });
  Outcome outcome;
  outcome.verdict = worst->verdict;
  if (outcome.verdict == Verdict::kUnknown) outcome.cause = UnknownCause::kUnreadable;
  outcome.container = worst->container;
  outcome.path = worst->path;
  constexpr int kShown = 5;
  int count = 0;
  for (const Item& item : items_) {
    if (item.verdict != outcome.verdict) continue;
    if (++count > kShown) continue;
    if (count > 1) outcome.message += "; ";
    outcome.message += item.text;
  }
  if (count > kShown) outcome.message += "; and " + std::to_string(count - kShown) + " more";
  return outcome;
}

}  // namespace seaworthy::checks
