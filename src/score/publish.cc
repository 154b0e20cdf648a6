// From the engine's compact state to reports: one workload, a namespace's roll-up, the cluster's.
#include <algorithm>

#include "score/engine.h"
#include "score/entry.h"
#include "score/identity.h"

namespace seaworthy::score {
namespace {

// Namespace = 0.9 x its workloads + 0.1 x its own findings; the part there is, alone, where the other is absent.
constexpr double kOwnShare = 0.1;

ScoreSummary Blend(const ScoreSummary& workloads, const ScoreSummary& own) {
  ScoreSummary summary;
  if (workloads.score && own.score) {
    summary.score = (1 - kOwnShare) * *workloads.score + kOwnShare * *own.score;
    summary.coverage = (1 - kOwnShare) * workloads.coverage + kOwnShare * own.coverage;
  } else if (workloads.score) {
    summary = workloads;
  } else if (own.score) {
    summary = own;
  }
  if (summary.score) {
    // Weighted means of 100 may end a hair above it.
    const double score = *(summary.score = std::min(100.0, *summary.score));
    summary.grade = score >= 90 ? 'A' : score >= 80 ? 'B' : score >= 70 ? 'C' : score >= 60 ? 'D' : 'F';
  }
  return summary;
}

void Lower(std::optional<LowestScore>& lowest, int score, std::string ref) {
  if (!lowest || score < lowest->score) lowest = LowestScore{score, std::move(ref)};
}

}  // namespace

// As far as scores go: no text is looked at, each of which may wait for memory.
std::vector<Finding> Engine::Verdicts(const Entry& entry) const {
  const CheckList& checks = Checks(entry.type);
  std::vector<Finding> findings;
  findings.reserve(checks.size());
  for (std::size_t i = 0; i < checks.size(); ++i) {
    const Decided& decided = entry.decided[i];
    if (!decided.known) continue;
    Finding& finding = findings.emplace_back();
    finding.check = checks[i];
    finding.verdict = decided.verdict;
    finding.severity = decided.severity;
    finding.cause = decided.cause;
    finding.beneath = decided.beneath;
  }
  return findings;
}

std::vector<Finding> Engine::Findings(const Entry& entry) const {
  std::vector<Finding> findings = Verdicts(entry);
  constexpr std::uint16_t kNotKnown = 0xffff;
  std::vector<std::uint16_t> place(entry.decided.size(), kNotKnown);  // of each check among the findings
  std::uint16_t next = 0;
  for (std::size_t i = 0; i < entry.decided.size(); ++i) {
    if (!entry.decided[i].known) continue;
    findings[next].message = entry.decided[i].message;
    place[i] = next++;
  }
  const auto find = [&](std::uint16_t index) -> Finding* {
    return place[index] == kNotKnown ? nullptr : &findings[place[index]];
  };
  for (const Entry::Detail& detail : entry.details) {
    if (Finding* finding = find(detail.check)) {
      finding->container = detail.container;
      finding->path = detail.path;
    }
  }
  for (const Entry::Exempted& exempted : entry.exempted) {
    if (Finding* finding = find(exempted.check)) {
      finding->exemption = exempted.by;
      finding->until = exempted.until;
    }
  }
  for (const Entry::Since& since : entry.since) {
    if (Finding* finding = find(since.check)) finding->since = since.since();
  }
  return findings;
}

WorkloadReport Engine::MakeReport(std::uint32_t subject, const Entry& entry, const WorkloadRecord& record) const {
  const Workload& workload = *record.workload;
  WorkloadReport report;
  report.subject = subject;
  report.namespace_ = workload.meta.namespace_;
  report.kind = workload.kind_name;
  report.api_version = workload.api_version;
  report.name = workload.meta.name;
  report.uid = workload.meta.uid;
  report.generation = workload.meta.generation;
  report.tier = entry.tier;
  report.owner = OwnerOf(workload);
  report.part_of = PartOf(workload);
  report.summary = entry.summary;
  report.findings = Findings(entry);
  report.ready = ProductionReady(report.findings, report.summary, scoring_, report.ready_reason);
  report.counts = Count(report.findings);
  report.worst = Worst(report.findings);
  report.transitions = entry.transitions;
  report.fresh_transitions = entry.fresh_transitions;
  report.source = workload.source;
  return report;
}

NodeReport Engine::MakeReport(std::uint32_t subject, const Entry& entry, const NodeRecord& node) const {
  NodeReport report;
  report.subject = subject;
  report.name = node.name;
  report.findings = Findings(entry);
  if (node.node != nullptr) report.source = node.node->source;
  return report;
}

const Engine::Entry* Engine::Find(std::uint32_t subject) const {
  return subject < entries_.size() ? entries_[subject].get() : nullptr;
}

void Engine::PublishSubject(std::uint32_t subject, const Entry& entry) {
  const SubjectRef ref = snapshot_.Subject(subject);
  switch (entry.type) {
    case SubjectType::kWorkload: {
      const WorkloadReport report = MakeReport(subject, entry, *ref.workload);
      for (Sink* sink : sinks_) sink->Publish(report);
      stale_namespaces_.insert(ref.workload->ns->subject);
      break;
    }
    case SubjectType::kNamespace:
    case SubjectType::kBudget: stale_namespaces_.insert(ref.ns->subject); break;
    case SubjectType::kNode: {
      const NodeReport report = MakeReport(subject, entry, *ref.node);
      for (Sink* sink : sinks_) sink->Publish(report);
      break;
    }
    case SubjectType::kCluster: break;
  }
  stale_cluster_ = true;
}

NamespaceReport Engine::MakeReport(const NamespaceRecord& ns) const {
  NamespaceReport report;
  report.subject = ns.subject;
  report.name = ns.name;
  if (ns.object != nullptr) report.source = ns.object->source;
  report.exempt = policy_.TierOf(ns) == Tier::kExempt;
  ScoreSummary workloads;
  double weighted = 0, covered = 0;
  for (const WorkloadRecord* record : ns.workloads) {
    const Entry* found = Find(record->subject);
    if (found == nullptr || !found->published) continue;
    const Entry& entry = *found;
    const double tier = TierWeight(entry.tier);
    if (tier <= 0) continue;
    ++report.roll_up.workloads;
    if (entry.ready == Ready::kTrue) ++report.roll_up.ready;
    if (!entry.summary.score) continue;
    ++report.roll_up.scored;
    weighted += tier * *entry.summary.score;
    covered += tier * entry.summary.coverage;
    report.roll_up.weight += tier;
    Lower(report.roll_up.lowest, static_cast<int>(*entry.summary.score),
          ns.name.str() + "/" + record->workload->kind_name.str() + "/" + record->workload->meta.name.str());
  }
  if (report.roll_up.weight > 0) {
    workloads.score = weighted / report.roll_up.weight;
    workloads.coverage = covered / report.roll_up.weight;
  }
  if (const Entry* entry = Find(ns.subject)) report.findings = Findings(*entry);
  std::vector<Finding> own = report.findings;
  for (const BudgetRecord* budget : ns.budgets) {
    const Entry* found = Find(budget->subject);
    if (found == nullptr) continue;
    report.budgets.push_back({budget->budget->meta.name.str(), Findings(*found), budget->budget->source});
    own.insert(own.end(), report.budgets.back().findings.begin(), report.budgets.back().findings.end());
  }
  if (!report.exempt) report.roll_up.summary = Blend(workloads, Summarise(own, scoring_));
  return report;
}

ClusterReport Engine::Cluster() const {
  ClusterReport report;
  report.checklist_hash = policy_.hash();
  double weighted = 0, covered = 0;
  std::array<double, kSectionCount> credit{}, weight{};
  for (const NamespaceRecord* ns : snapshot_.Namespaces()) {
    NamespaceReport one = MakeReport(*ns);
    report.roll_up.workloads += one.roll_up.workloads;
    report.roll_up.scored += one.roll_up.scored;
    report.roll_up.ready += one.roll_up.ready;
    if (one.roll_up.lowest) Lower(report.roll_up.lowest, one.roll_up.lowest->score, one.roll_up.lowest->ref);
    if (one.roll_up.summary.score && one.roll_up.weight > 0) {
      weighted += one.roll_up.weight * *one.roll_up.summary.score;
      covered += one.roll_up.weight * one.roll_up.summary.coverage;
      report.roll_up.weight += one.roll_up.weight;
    }
    for (const WorkloadRecord* record : ns->workloads) {
      const Entry* found = Find(record->subject);
      if (found == nullptr) continue;
      const Entry& entry = *found;
      const double tier = TierWeight(entry.tier);
      for (std::size_t s = 0; s < kSectionCount; ++s) {
        credit[s] += tier * entry.sums.Credit(s);
        weight[s] += tier * entry.sums.Weight(s);
      }
    }
  }
  for (std::size_t s = 0; s < kSectionCount; ++s) {
    if (weight[s] > 0) report.sections[s] = 100 * credit[s] / weight[s] + 1e-9;
  }
  ScoreSummary namespaces;
  if (report.roll_up.weight > 0) {
    namespaces.score = weighted / report.roll_up.weight;
    namespaces.coverage = covered / report.roll_up.weight;
  }
  // Its own part: the C findings, and the average of the nodes' scores.
  if (const Entry* entry = Find(kClusterSubject)) report.findings = Findings(*entry);
  ScoreSummary own = Summarise(report.findings, scoring_);
  double node_score = 0, node_coverage = 0;
  std::size_t nodes = 0;
  for (const NodeRecord* node : snapshot_.Nodes()) {
    const Entry* entry = Find(node->subject);
    if (entry == nullptr || !entry->summary.score) continue;
    node_score += *entry->summary.score;
    node_coverage += entry->summary.coverage;
    ++nodes;
  }
  if (nodes > 0) {
    const double count = static_cast<double>(nodes);
    own.coverage = own.score ? (own.coverage + node_coverage / count) / 2 : node_coverage / count;
    own.score = own.score ? (*own.score + node_score / count) / 2 : node_score / count;
  }
  report.roll_up.summary = Blend(namespaces, own);
  return report;
}

// Namespaces whose own findings have not been evaluated yet are published with these.
void Engine::FlushNamespaces() {
  for (const std::uint32_t subject : stale_namespaces_) {
    const SubjectRef ref = snapshot_.Subject(subject);
    const Entry* entry = Find(subject);
    if (ref.ns == nullptr || ref.budget != nullptr || entry == nullptr || !entry->published) continue;
    const NamespaceReport report = MakeReport(*ref.ns);
    for (Sink* sink : sinks_) sink->Publish(report);
  }
  stale_namespaces_.clear();
}

void Engine::FlushCluster(WallTime now) {
  // A clock that was set back must not silence it.
  const bool early =
      cluster_flushed_ && now >= *cluster_flushed_ && now - *cluster_flushed_ < options_.cluster_report_interval;
  if (!stale_cluster_ || early) return;
  stale_cluster_ = false;
  cluster_flushed_ = now;
  const ClusterReport report = Cluster();
  for (Sink* sink : sinks_) sink->Publish(report);
}

std::vector<std::uint32_t> Engine::WorkloadIds() const {
  std::vector<std::uint32_t> ids;
  for (const NamespaceRecord* ns : snapshot_.Namespaces()) {
    for (const WorkloadRecord* record : ns->workloads) {
      const Entry* entry = Find(record->subject);
      if (entry != nullptr && entry->published) ids.push_back(record->subject);
    }
  }
  return ids;
}

WorkloadReport Engine::ReportOf(std::uint32_t subject) const {
  return MakeReport(subject, *Find(subject), *snapshot_.Subject(subject).workload);
}

std::vector<NamespaceReport> Engine::Namespaces() const {
  std::vector<NamespaceReport> reports;
  for (const NamespaceRecord* ns : snapshot_.Namespaces()) reports.push_back(MakeReport(*ns));
  return reports;
}

std::vector<NodeReport> Engine::Nodes() const {
  std::vector<NodeReport> reports;
  for (const NodeRecord* node : snapshot_.Nodes()) {
    if (const Entry* entry = Find(node->subject); entry != nullptr && entry->published)
      reports.push_back(MakeReport(node->subject, *entry, *node));
  }
  return reports;
}

void Engine::PublishAll(Sink& sink) const {
  for (const std::uint32_t id : WorkloadIds()) sink.Publish(ReportOf(id));
  for (const NodeReport& report : Nodes()) sink.Publish(report);
  for (const NamespaceReport& report : Namespaces()) sink.Publish(report);
  sink.Publish(Cluster());
}

}  // namespace seaworthy::score
