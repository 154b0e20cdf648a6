#include "sinks/metrics/page.h"

namespace seaworthy::sinks::metrics {
namespace {

std::size_t Heap(const std::string& text) { return text.capacity() > 15 ? text.capacity() + 1 : 0; }

void Change(Totals& totals, const Record& record, bool check_series, bool add) {
  const auto change = [add](std::size_t& value, std::size_t by) { value = add ? value + by : value - by; };
  change(totals.bytes, record.bytes());
  if (record.hidden) return;
  if (record.type == Record::Type::kWorkload) {
    change(totals.workloads, 1);
    change(totals.findings, record.counts.size());
    change(totals.other, 2 * record.regressions.size() + (record.manual_changes != 0 ? 1 : 0));
  } else {
    change(totals.other,
           record.sections.size() + (record.score >= 0 ? 1 : 0) + (record.type == Record::Type::kCluster ? 1 : 0));
  }
  if (record.type == Record::Type::kNode) {
    change(totals.other, record.failing.size());
    return;
  }
  if (!check_series) return;
  const auto checks = [&](const List<const Piece*>& failing) {
    for (const Piece* piece : failing) change(totals.checks[static_cast<std::size_t>(piece->severity)], 1);
  };
  checks(record.failing);
  for (const Record::Budget& budget : record.budgets) checks(budget.failing);
}

}  // namespace

std::size_t Record::bytes() const {
  std::size_t size = sizeof(Record) + 16 + Heap(labels) + Heap(info) + Heap(own) + counts.capacity() * sizeof(Count) +
                     failing.capacity() * sizeof(const Piece*) + sections.capacity() * sizeof(sections[0]) +
                     regressions.capacity() * sizeof(Regression) + budgets.capacity() * sizeof(Budget);
  for (const Regression& regression : regressions) size += Heap(regression.labels);
  for (const Budget& budget : budgets) size += Heap(budget.labels) + budget.failing.capacity() * sizeof(const Piece*);
  return size;
}

void Totals::Add(const Record& record, bool check_series) { Change(*this, record, check_series, true); }
void Totals::Subtract(const Record& record, bool check_series) { Change(*this, record, check_series, false); }

std::size_t Totals::series() const {
  std::size_t sum = workloads * kSeriesOfWorkload + findings + other;
  for (const std::size_t count : checks) sum += count;
  return sum;
}

}  // namespace seaworthy::sinks::metrics
