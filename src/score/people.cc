#include "score/people.h"

#include <array>

#include "score/exemptions.h"

namespace seaworthy::score {
namespace {

using Types = std::array<bool, 5>;  // by SubjectType

std::string_view StateName(Standing::State state) {
  switch (state) {
    case Standing::State::kValid: return "Valid";
    case Standing::State::kExpired: return "Expired";
    case Standing::State::kInvalid: break;
  }
  return "Invalid";
}

// Subjects of those types that `about` says yes to, in the namespace of the object or, for cluster-wide kinds,
// everywhere.
template <typename About>
std::int64_t CountSubjects(const Snapshot& snapshot, const Object& object, const Types& types, About about) {
  std::int64_t count = 0;
  const auto add = [&](SubjectType type, const SubjectRef& ref) {
    if (types[static_cast<std::size_t>(type)] && about(ref)) ++count;
  };
  const bool everywhere = object.meta.namespace_.empty();
  for (const NamespaceRecord* ns : snapshot.Namespaces()) {
    if (!everywhere && ns->name != object.meta.namespace_) continue;
    add(SubjectType::kNamespace, {nullptr, ns, nullptr, nullptr});
    for (const WorkloadRecord* workload : ns->workloads)
      add(SubjectType::kWorkload, {workload, nullptr, nullptr, nullptr});
    for (const BudgetRecord* budget : ns->budgets) add(SubjectType::kBudget, {nullptr, ns, budget, nullptr});
  }
  if (!everywhere) return count;
  for (const NodeRecord* node : snapshot.Nodes()) add(SubjectType::kNode, {nullptr, nullptr, nullptr, node});
  add(SubjectType::kCluster, {});
  return count;
}

// Of the checks that an attestation or a waiver names.
template <typename Said>
Types TypesOf(std::span<const Check* const> checks, const Said& said) {
  Types types{};
  for (const Check* check : checks) {
    if (Names(said, *check)) types[static_cast<std::size_t>(check->subject)] = true;
  }
  return types;
}

// A status is not to be written for every subject that comes and goes.
std::int64_t RoundedDown(std::size_t count) {
  std::size_t step = 1;
  while (step * 10 <= count) step *= 10;
  return static_cast<std::int64_t>(count >= 5 * step ? 5 * step : count >= 2 * step ? 2 * step : step);
}

PersonReport Start(const Object& object, const StatusHash& seen, const Standing& standing) {
  PersonReport report;
  report.object = &object;
  report.seen = seen;
  report.state = StateName(standing.state);
  report.message = standing.message;
  if (standing.state != Standing::State::kInvalid) report.ends = standing.ends;
  return report;
}

}  // namespace

std::vector<PersonReport> PeopleReports(const Snapshot& snapshot, const Policy& policy,
                                        std::span<const Check* const> checks, std::int64_t now_seconds,
                                        const CustomErrorCounts& errors) {
  std::vector<PersonReport> reports;
  for (const Object* object : snapshot.Objects(Kind::kAuditPolicy)) {
    const auto& said = static_cast<const AuditPolicy&>(*object);
    PersonReport report;
    report.object = object;
    report.seen = said.status;
    report.state = "Valid";
    if (const auto status = policy.statuses().find(said.meta.name.str()); status != policy.statuses().end()) {
      for (const std::string& problem : status->second.problems)
        report.message += (report.message.empty() ? "" : "; ") + problem;
      report.overridden = status->second.conflicts;
      if (!report.message.empty()) report.state = "Invalid";
    }
    if (const auto failing = errors.find(said.meta.name.str()); failing != errors.end()) {
      for (const auto& [id, count] : failing->second) report.errors.emplace_back(id, RoundedDown(count));
    }
    reports.push_back(std::move(report));
  }
  for (const Kind kind : {Kind::kAttestation, Kind::kClusterAttestation}) {
    for (const Object* object : snapshot.Objects(kind)) {
      const auto& attestation = static_cast<const Attestation&>(*object);
      const Standing standing = StandingOf(attestation, checks, now_seconds);
      PersonReport report = Start(attestation, attestation.status, standing);
      if (standing.state == Standing::State::kValid) {
        const Types types = TypesOf(checks, attestation);
        report.matched = CountSubjects(snapshot, attestation, types,
                                       [&](const SubjectRef& ref) { return Applies(attestation, ref); });
      }
      reports.push_back(std::move(report));
    }
  }
  for (const Kind kind : {Kind::kWaiver, Kind::kClusterWaiver}) {
    for (const Object* object : snapshot.Objects(kind)) {
      const auto& waiver = static_cast<const Waiver&>(*object);
      const Standing standing = StandingOf(waiver, policy, checks, now_seconds);
      PersonReport report = Start(waiver, waiver.status, standing);
      if (standing.state == Standing::State::kValid) {
        const Types types = TypesOf(checks, waiver);
        report.matched =
            CountSubjects(snapshot, waiver, types, [&](const SubjectRef& ref) { return InScope(waiver.scope, ref); });
      }
      reports.push_back(std::move(report));
    }
  }
  return reports;
}

}  // namespace seaworthy::score
