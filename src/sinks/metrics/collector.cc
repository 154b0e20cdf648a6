#include "sinks/metrics/collector.h"

#include <algorithm>
#include <utility>

#include "support/escape.h"
#include "support/hash.h"

namespace seaworthy::sinks::metrics {
namespace {

constexpr std::size_t kInfoBytes =
    63;  // of a label's value that comes from an object: what Kubernetes allows label values

void Append(std::string& out, std::string_view name, std::string_view value) {
  if (!out.empty()) out += ',';
  out += name;
  out += "=\"";
  support::EscapePrometheusLabel(value, out);
  out += '"';
}

std::string WorkloadLabels(std::string_view namespace_, std::string_view name, std::string_view kind) {
  std::string type(kind);
  for (char& c : type) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  std::string labels;
  Append(labels, "namespace", namespace_);
  Append(labels, "workload", name);
  Append(labels, "workload_type", type);
  labels.shrink_to_fit();
  return labels;
}

// The only values that people write freely.
std::string FreeText(std::string_view text) {
  return std::string(support::CutUtf8(support::StripTerminal(text.substr(0, 4 * kInfoBytes)), kInfoBytes));
}

int Percent(double ratio) { return std::clamp(static_cast<int>(ratio * 100 + 1e-9), 0, 100); }

std::int8_t Shown(const ScoreSummary& summary) {
  return static_cast<std::int8_t>(std::clamp(summary.shown().value_or(-1), -1, 100));
}

std::int64_t ToSeconds(WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

}  // namespace

Collector::Collector(CollectorOptions options) : options_(options) {}
Collector::~Collector() = default;

List<const Piece*> Collector::Failing(const std::vector<Finding>& findings, bool warnings) {
  List<const Piece*> failing;
  for (const Finding& finding : findings) {
    if (finding.verdict != Verdict::kFail && !(warnings && finding.verdict == Verdict::kWarn)) continue;
    std::string text;
    Append(text, "check", finding.check->id);
    Append(text, "section", SectionName(finding.check->section));
    Append(text, "severity", SeverityName(finding.severity));
    Append(text, "verdict", VerdictName(finding.verdict));
    auto [at, fresh] = pieces_.try_emplace("," + text);
    if (fresh) at->second = std::make_unique<const Piece>(Piece{at->first, finding.severity});
    failing.push_back(at->second.get());
  }
  failing.shrink_to_fit();
  return failing;
}

void Collector::Store(std::uint32_t subject, std::shared_ptr<Record> record) {
  Drop(subject);
  const auto [claim, fresh] = claims_.try_emplace(support::Hash64(record->labels), subject);
  if (!fresh) {
    record->hidden = true;
    hidden_.insert(subject);
  }
  if (records_.size() <= subject) records_.resize(std::size_t{subject} + 1);
  totals_.Add(*record, options_.check_series);
  records_[subject] = std::move(record);
}

void Collector::Drop(std::uint32_t subject) {
  if (subject >= records_.size() || records_[subject] == nullptr) return;
  const RecordPtr old = std::exchange(records_[subject], nullptr);
  totals_.Subtract(*old, options_.check_series);
  if (hidden_.erase(subject) != 0) return;
  claims_.erase(support::Hash64(old->labels));
  for (const std::uint32_t other : hidden_) {
    if (records_[other]->labels != old->labels) continue;
    auto shown = std::make_shared<Record>(*records_[other]);
    shown->hidden = false;
    hidden_.erase(other);
    totals_.Subtract(*records_[other], options_.check_series);
    totals_.Add(*shown, options_.check_series);
    claims_.emplace(support::Hash64(shown->labels), other);
    records_[other] = std::move(shown);
    return;
  }
}

std::shared_ptr<Record> Collector::Copy(std::uint32_t subject) const {
  if (subject >= records_.size() || records_[subject] == nullptr || records_[subject]->type != Record::Type::kWorkload)
    return nullptr;
  auto copy = std::make_shared<Record>(*records_[subject]);
  copy->hidden = false;
  return copy;
}

void Collector::Publish(const WorkloadReport& report) {
  auto record = std::make_shared<Record>();
  record->type = Record::Type::kWorkload;
  record->labels = WorkloadLabels(report.namespace_, report.name, report.kind);
  record->score = Shown(report.summary);
  record->coverage = static_cast<std::int8_t>(Percent(report.summary.coverage));
  record->ready = report.ready;
  std::string info;
  Append(info, "tier", TierName(report.tier));
  Append(info, "owner", FreeText(report.owner));
  Append(info, "part_of", FreeText(report.part_of));
  record->info = "," + info;
  for (std::size_t verdict = 0; verdict < kVerdicts; ++verdict) {
    if (static_cast<Verdict>(verdict) == Verdict::kNa) continue;
    for (std::size_t severity = 0; severity < kSeverities; ++severity) {
      const std::uint16_t number = report.counts[verdict][severity];
      if (number == 0) continue;
      record->counts.push_back({static_cast<std::uint8_t>(verdict), static_cast<std::uint8_t>(severity), number});
    }
  }
  record->counts.shrink_to_fit();
  record->failing = Failing(report.findings, true);
  const std::lock_guard lock(mutex_);
  if (const auto old = Copy(report.subject); old != nullptr && old->labels == record->labels) {
    record->regressions = old->regressions;
    record->manual_changes = old->manual_changes;
  }
  Store(report.subject, std::move(record));
}

void Collector::Publish(const NamespaceReport& report) {
  auto record = std::make_shared<Record>();
  record->type = Record::Type::kNamespace;
  record->labels = WorkloadLabels(report.name, "", "");
  Append(record->own, "namespace", report.name);
  record->score = Shown(report.roll_up.summary);
  record->failing = Failing(report.findings, true);
  for (const BudgetFindings& budget : report.budgets) {
    auto failing = Failing(budget.findings, true);
    if (failing.empty()) continue;
    record->budgets.push_back({WorkloadLabels(report.name, budget.name, "poddisruptionbudget"), std::move(failing)});
  }
  const std::lock_guard lock(mutex_);
  Store(report.subject, std::move(record));
}

void Collector::Publish(const NodeReport& report) {
  auto record = std::make_shared<Record>();
  record->type = Record::Type::kNode;
  Append(record->labels, "node", report.name);
  record->failing = Failing(report.findings, false);
  const std::lock_guard lock(mutex_);
  Store(report.subject, std::move(record));
}

void Collector::Publish(const ClusterReport& report) {
  auto record = std::make_shared<Record>();
  record->type = Record::Type::kCluster;
  record->labels = WorkloadLabels("", "", "");
  Append(record->own, "hash", report.checklist_hash);
  record->score = Shown(report.roll_up.summary);
  record->failing = Failing(report.findings, true);
  for (std::size_t i = 0; i < kSectionCount; ++i) {
    if (report.sections[i])
      record->sections.emplace_back(static_cast<Section>(i), static_cast<int>(*report.sections[i]));
  }
  const std::lock_guard lock(mutex_);
  if (cluster_ != nullptr) totals_.Subtract(*cluster_, options_.check_series);
  totals_.Add(*record, options_.check_series);
  cluster_ = std::move(record);
}

void Collector::Remove(std::uint32_t subject) {
  const std::lock_guard lock(mutex_);
  Drop(subject);
}

void Collector::SetLeader(bool leader) {
  const std::lock_guard lock(mutex_);
  leader_ = leader;
}

void Collector::SetInitialAuditComplete(bool complete) {
  const std::lock_guard lock(mutex_);
  complete_ = complete;
}

void Collector::SetLastEvaluation(WallTime time) {
  const std::lock_guard lock(mutex_);
  last_evaluation_ms_ = time.time_since_epoch().count();
}

void Collector::CountRegression(std::uint32_t subject, const Check& check, std::string_view cause, WallTime when) {
  std::string labels;
  Append(labels, "check", check.id);
  Append(labels, "cause", cause);
  labels.insert(0, ",");
  const std::lock_guard lock(mutex_);
  auto record = Copy(subject);
  if (record == nullptr) return;
  auto at = std::find_if(record->regressions.begin(), record->regressions.end(),
                         [&](const auto& one) { return one.labels == labels; });
  if (at == record->regressions.end()) at = record->regressions.insert(at, Record::Regression{labels, 0, 0});
  ++at->count;
  at->last = ToSeconds(when);
  Store(subject, std::move(record));
}

void Collector::CountManualChange(std::uint32_t subject) {
  const std::lock_guard lock(mutex_);
  auto record = Copy(subject);
  if (record == nullptr) return;
  ++record->manual_changes;
  Store(subject, std::move(record));
}

void Collector::SetExpiry(MetricId metric, std::string_view namespace_, std::string_view name,
                          std::optional<WallTime> end) {
  std::string labels;
  Append(labels, "namespace", namespace_);
  Append(labels, metric == MetricId::kWaiverExpiry ? "waiver" : "attestation", name);
  const std::lock_guard lock(mutex_);
  const bool was_there = expiries_.erase({metric, labels}) != 0;
  if (was_there) --totals_.other;
  if (!end) return;
  ++totals_.other;
  expiries_.emplace(std::pair(metric, std::move(labels)), ToSeconds(*end));
}

Page Collector::Snapshot() const {
  Page page;
  page.check_series = options_.check_series;
  page.series_cap = options_.series_cap;
  page.resident_bytes = resident_bytes();
  const std::lock_guard lock(mutex_);
  page.leader = leader_;
  page.complete = complete_;
  page.last_evaluation_ms = last_evaluation_ms_;
  page.totals = totals_;
  if (!leader_) return page;
  page.records.reserve(records_.size() + 1);
  page.records = records_;
  if (cluster_ != nullptr) page.records.push_back(cluster_);
  page.expiries = expiries_;
  return page;
}

std::unique_ptr<PageReader> Collector::Read() const { return std::make_unique<PageReader>(Snapshot()); }

std::string Collector::Text() const {
  PageReader reader(Snapshot());
  std::string text, piece;
  while (reader.Next(piece)) text += piece;
  return text;
}

std::size_t Collector::resident_bytes() const {
  const std::lock_guard lock(mutex_);
  // A node of an unordered_map with its bucket: some 40 bytes.
  return totals_.bytes + records_.capacity() * sizeof(RecordPtr) + claims_.size() * 40;
}

std::size_t Collector::series() const {
  const std::lock_guard lock(mutex_);
  return totals_.series();
}

}  // namespace seaworthy::sinks::metrics
