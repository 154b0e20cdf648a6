#include <set>
#include <string>

#include "checks/all_checks.h"

namespace seaworthy::checks {
namespace {

constexpr Param kParams[] = {{"applications", 3, "different applications in one namespace from which on it warns"}};
constexpr std::string_view kPartOf = "app.kubernetes.io/part-of";

std::string_view Applies(const Context& context) {
  return context.Workloads().empty() ? "no workload runs in this namespace" : "";
}

Outcome Run(const Context& context) {
  std::set<std::string_view> applications;
  std::size_t silent = 0;
  for (const WorkloadRecord* record : context.Workloads()) {
    const std::string_view part_of = record->workload->meta.labels.Get(kPartOf);
    if (part_of.empty()) {
      ++silent;
    } else {
      applications.insert(part_of);
    }
  }
  if (static_cast<double>(applications.size()) >= context.Param("applications")) {
    std::string names;
    int shown = 0;
    for (std::string_view application : applications) {
      if (++shown > 3) break;
      names += (names.empty() ? "" : ", ") + std::string(application);
    }
    return Outcome::Warn("several applications share this namespace: " + names +
                         (applications.size() > 3 ? " and others" : ""));
  }
  if (silent * 2 > context.Workloads().size()) {
    return Outcome::Unknown(
        UnknownCause::kNotDeclared,
        "most workloads do not say which application they are part of: set label app.kubernetes.io/part-of");
  }
  return Outcome::Pass();
}

}  // namespace

constinit const Check kNamespaceOneApplication = {
    .id = "namespace-one-application",
    .title = "A namespace groups what belongs together",
    .section = Section::kNamespaces,
    .severity = Severity::kInfo,
    .subject = SubjectType::kNamespace,
    .rule =
        "Warns when the workloads of the namespace carry 3 or more different values of label "
        "app.kubernetes.io/part-of. Unknown when most carry none. Not applicable to a namespace without workloads.",
    .why =
        "Quotas, network policies, roles and backups are made for namespaces. What shares one shares them, and nobody "
        "can delete, move or give away one of the applications alone.",
    .fix =
        "Give each application, or each team's group of applications, a namespace; label its parts "
        "app.kubernetes.io/part-of.",
    .source = "C. Namespaces: namespaces group applications",
    .traps =
        "One team's two applications in a namespace are fine. Label app.kubernetes.io/instance is not asked: every "
        "chart release has its own, the cache of a shop as well. The default namespace is namespace-not-default's.",
    .reads = {Kind::kDeployment, Kind::kStatefulSet, Kind::kDaemonSet, Kind::kCronJob, Kind::kReplicaSet},
    .params = kParams,
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
