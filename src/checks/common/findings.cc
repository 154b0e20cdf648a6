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
  const std::string_view role = RoleWord(container);
  std::string text;
  text.reserve(role.size() + 1 + container.name.size() + 2 + what.size());
  text.append(role).append(1, ' ').append(container.name).append(": ").append(what);
  std::vector<Item>& items = context_.IsWaived(container) ? waived_ : items_;
  items.push_back({verdict, container.name, ContainerPath(workload, container, field), std::move(text)});
}

void Findings::Add(Verdict verdict, std::string path, std::string_view what) {
  items_.push_back({verdict, Text(), std::move(path), std::string(what)});
}

Outcome Findings::Finish(Outcome pass) && {
  if (items_.empty()) {
    pass.left_out = !waived_.empty();
    if (pass.left_out) pass.waived_finding = Joined(waived_, Worst(waived_).verdict);
    return pass;
  }
  Item& worst = Worst(items_);
  Outcome outcome;
  outcome.verdict = worst.verdict;
  if (outcome.verdict == Verdict::kUnknown) outcome.cause = UnknownCause::kUnreadable;
  outcome.message = Words(items_.size() == 1 ? std::move(worst.text) : Joined(items_, outcome.verdict));
  outcome.container = std::move(worst.container);
  outcome.path = std::move(worst.path);
  return outcome;
}

Findings::Item& Findings::Worst(std::vector<Item>& items) {
  return *std::max_element(items.begin(), items.end(),
                           [](const Item& a, const Item& b) { return Badness(a.verdict) < Badness(b.verdict); });
}

std::string Findings::Joined(const std::vector<Item>& items, Verdict verdict) {
  constexpr int kShown = 5;
  std::string text;
  int count = 0;
  for (const Item& item : items) {
    if (item.verdict != verdict || ++count > kShown) continue;
    if (count > 1) text += "; ";
    text += item.text;
  }
  if (count > kShown) text += "; and " + std::to_string(count - kShown) + " more";
  return text;
}

}  // namespace seaworthy::checks
