#include "sinks/metrics/page_reader.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace seaworthy::sinks::metrics {
namespace {

constexpr std::size_t kPieceBytes = 64 * 1024;

// Milliseconds as seconds, without the noise of a double.
std::string Seconds(std::int64_t ms) {
  std::string text = std::to_string(ms / 1000);
  if (const std::int64_t rest = ms % 1000; rest != 0) {
    const std::string digits = std::to_string(1000 + rest);
    text += '.';
    text += digits.substr(1);
    while (text.back() == '0') text.pop_back();
  }
  return text;
}

std::string Ratio(int percent) {
  char digits[24];
  const auto [end, code] = std::to_chars(digits, digits + sizeof digits, percent / 100.0);
  return {digits, end};
}

// A node's series are labelled with the check alone: the piece begins with it.
std::string_view CheckOnly(const Piece& piece) {
  return std::string_view(piece.text).substr(0, piece.text.find(",section="));
}

}  // namespace

PageReader::Allowance PageReader::Allow(const Totals& totals, std::size_t cap) {
  Allowance allowance;
  allowance.workloads = totals.workloads;
  std::size_t series = totals.series();
  while (series > cap && allowance.from_severity < kSeverities) {
    const std::size_t gone = totals.checks[allowance.from_severity++];
    allowance.dropped_checks += gone;
    series -= gone;
  }
  if (series > cap) {
    allowance.findings = false;
    allowance.dropped_findings = totals.findings;
    series -= totals.findings;
  }
  if (series > cap) {
    allowance.workloads = std::min((cap - std::min(totals.other, cap)) / kSeriesOfWorkload, totals.workloads);
    allowance.dropped_workloads = totals.workloads - allowance.workloads;
  }
  return allowance;
}

PageReader::PageReader(Page page) : page_(std::move(page)), allowance_(Allow(page_.totals, page_.series_cap)) {
  if (page_.leader) {
    Sort();
    PlanAudit();
  }
  PlanRest();
}

void PageReader::Sort() {
  for (std::size_t verdict = 0; verdict < kVerdicts; ++verdict) {
    for (std::size_t severity = 0; severity < kSeverities; ++severity) {
      counts_[verdict][severity] = ",verdict=\"" + std::string(VerdictName(static_cast<Verdict>(verdict))) +
                                   "\",severity=\"" + std::string(SeverityName(static_cast<Severity>(severity))) + "\"";
    }
  }
  for (int percent = 0; percent <= 100; ++percent) ratios_[static_cast<std::size_t>(percent)] = Ratio(percent);
  of_type_[static_cast<std::size_t>(Record::Type::kWorkload)].reserve(allowance_.workloads);
  std::size_t room = allowance_.workloads;
  for (const RecordPtr& record : page_.records) {
    if (record == nullptr || record->hidden) continue;
    if (record->type == Record::Type::kWorkload) {
      if (room == 0) continue;
      --room;
    }
    of_type_[static_cast<std::size_t>(record->type)].push_back(record.get());
  }
}

void PageReader::Failing(const std::string& labels, const List<const Piece*>& failing) {
  for (const Piece* piece : failing) {
    if (static_cast<std::size_t>(piece->severity) >= allowance_.from_severity) Line(1, {labels, piece->text});
  }
}

void PageReader::PlanAudit() {
  const auto* workloads = Of(Record::Type::kWorkload);
  const auto* namespaces = Of(Record::Type::kNamespace);
  const auto* nodes = Of(Record::Type::kNode);
  const auto* cluster = Of(Record::Type::kCluster);
  steps_ = {
      {MetricId::kWorkloadScore, workloads,
       [this](const Record* record) {
         if (record->score >= 0) Line(record->score, {record->labels});
       }},
      {MetricId::kWorkloadCoverage, workloads,
       [this](const Record* record) {
         TextLine(ratios_[static_cast<std::size_t>(record->coverage)], {record->labels});
       }},
      {MetricId::kWorkloadReady, workloads,
       [this](const Record* record) {
         TextLine(record->ready == Ready::kTrue ? "1" : record->ready == Ready::kFalse ? "0" : "0.5", {record->labels});
       }},
  };
  if (allowance_.findings) {
    steps_.push_back({MetricId::kWorkloadFindings, workloads, [this](const Record* record) {
                        for (const Record::Count& count : record->counts) {
                          Line(count.number, {record->labels, counts_[count.verdict][count.severity]});
                        }
                      }});
  }
  if (page_.check_series) {
    const auto own = [this](const Record* record) { Failing(record->labels, record->failing); };
    steps_.push_back({MetricId::kCheckFailing, workloads, own});
    steps_.push_back({MetricId::kCheckFailing, namespaces, [this](const Record* record) {
                        Failing(record->labels, record->failing);
                        for (const Record::Budget& budget : record->budgets) Failing(budget.labels, budget.failing);
                      }});
    steps_.push_back({MetricId::kCheckFailing, cluster, own});
  }
  const std::vector<Step> more = {
      {MetricId::kWorkloadInfo, workloads, [this](const Record* record) { Line(1, {record->labels, record->info}); }},
      {MetricId::kRegressions, workloads,
       [this](const Record* record) {
         for (const auto& one : record->regressions) {
           Line(static_cast<std::int64_t>(one.count), {record->labels, one.labels});
         }
       }},
      {MetricId::kLastRegression, workloads,
       [this](const Record* record) {
         for (const auto& one : record->regressions) Line(one.last, {record->labels, one.labels});
       }},
      {MetricId::kManualChanges, workloads,
       [this](const Record* record) {
         if (record->manual_changes != 0) Line(static_cast<std::int64_t>(record->manual_changes), {record->labels});
       }},
      {MetricId::kNamespaceScore, namespaces,
       [this](const Record* record) {
         if (record->score >= 0) Line(record->score, {record->own});
       }},
      {MetricId::kNodeFailing, nodes,
       [this](const Record* record) {
         for (const Piece* piece : record->failing) Line(1, {record->labels, CheckOnly(*piece)});
       }},
      {MetricId::kClusterScore, cluster,
       [this](const Record* record) {
         if (record->score >= 0) Line(record->score, {});
       }},
      {MetricId::kSectionScore, cluster,
       [this](const Record* record) {
         for (const auto& [section, score] : record->sections) {
           Line(score, {"section=\"", SectionName(section), "\""});
         }
       }},
      {MetricId::kChecklistInfo, cluster, [this](const Record* record) { Line(1, {record->own}); }},
  };
  steps_.insert(steps_.end(), more.begin(), more.end());
  for (const MetricId id : {MetricId::kAttestationExpiry, MetricId::kWaiverExpiry}) {
    steps_.push_back({id, nullptr, [this, id](const Record*) {
                        for (const auto& [key, seconds] : page_.expiries) {
                          if (key.first == id) Line(seconds, {key.second});
                        }
                      }});
  }
  steps_.push_back(
      {MetricId::kSeriesDropped, nullptr, [this](const Record*) {
         Line(static_cast<std::int64_t>(allowance_.dropped_checks), {R"(family="seaworthy_check_failing")"});
         Line(static_cast<std::int64_t>(allowance_.dropped_findings), {R"(family="seaworthy_workload_findings")"});
         Line(static_cast<std::int64_t>(allowance_.dropped_workloads), {R"(family="all")"});
       }});
}

void PageReader::PlanRest() {
  steps_.push_back({MetricId::kLastEvaluation, nullptr, [this](const Record*) {
                      if (page_.last_evaluation_ms) TextLine(Seconds(*page_.last_evaluation_ms), {});
                    }});
  steps_.push_back(
      {MetricId::kInitialAuditComplete, nullptr, [this](const Record*) { Line(page_.complete ? 1 : 0, {}); }});
  steps_.push_back({MetricId::kMetricsResidentBytes, nullptr,
                    [this](const Record*) { Line(static_cast<std::int64_t>(page_.resident_bytes), {}); }});
}

bool PageReader::Next(std::string& piece) {
  piece.clear();
  out_ = &piece;
  while (step_ < steps_.size() && piece.size() < kPieceBytes) {
    const Step& step = steps_[step_];
    if (record_ == 0) Begin(step.family);
    if (step.records == nullptr) {
      step.print(nullptr);
    } else {
      // One call of `print` brings a few KiB at most.
      while (record_ < step.records->size() && piece.size() < kPieceBytes) step.print((*step.records)[record_++]);
      if (record_ < step.records->size()) break;
    }
    ++step_;
    record_ = 0;
  }
  out_ = nullptr;
  return !piece.empty();
}

void PageReader::Begin(MetricId family) {
  const Metric* metric = &Describe(family);
  if (metric == metric_) return;
  metric_ = metric;
  begun_ = false;
}

void PageReader::Labels(std::initializer_list<std::string_view> labels) {
  std::string& out = *out_;
  if (!begun_) {
    begun_ = true;
    out += "# HELP ";
    out += metric_->name;
    out += ' ';
    out += metric_->help;
    out += "\n# TYPE ";
    out += metric_->name;
    out += ' ';
    out += TypeName(metric_->type);
    out += '\n';
  }
  out += metric_->name;
  if (labels.size() != 0) {
    out += '{';
    for (const std::string_view part : labels) out += part;
    out += '}';
  }
  out += ' ';
}

void PageReader::Line(std::int64_t value, std::initializer_list<std::string_view> labels) {
  Labels(labels);
  char digits[24];
  const auto [end, code] = std::to_chars(digits, digits + sizeof digits, value);
  out_->append(digits, static_cast<std::size_t>(end - digits));
  *out_ += '\n';
}

void PageReader::TextLine(std::string_view value, std::initializer_list<std::string_view> labels) {
  Labels(labels);
  *out_ += value;
  *out_ += '\n';
}

}  // namespace seaworthy::sinks::metrics
