#include <string>

#include "checks/all_checks.h"

namespace seaworthy::checks {
namespace {

constexpr std::string_view kName = "app.kubernetes.io/name";
constexpr std::string_view kInstance = "app.kubernetes.io/instance";
constexpr std::string_view kPartOf = "app.kubernetes.io/part-of";
constexpr std::string_view kVersion = "app.kubernetes.io/version";

// On the workload or on its pods: tools look for them on either.
bool Has(const Workload& workload, std::string_view label) {
  return !workload.meta.labels.Get(label).empty() || !workload.template_labels.Get(label).empty();
}

Outcome Run(const Context& context) {
  const Workload& workload = context.workload();
  std::string missing;
  const auto want = [&missing](bool there, std::string_view what) {
    if (there) return;
    if (!missing.empty()) missing += ", ";
    missing += what;
  };
  want(Has(workload, kName), kName);
  want(Has(workload, kInstance) || Has(workload, kPartOf), "app.kubernetes.io/instance or part-of");
  want(Has(workload, kVersion), kVersion);
  if (missing.empty()) return Outcome::Pass();
  return Outcome::Fail("recommended labels are missing: " + missing).At("metadata.labels");
}

}  // namespace

constinit const Check kRecommendedLabels = {
    .id = "recommended-labels",
    .title = "Workloads carry the recommended labels",
    .section = Section::kNamespaces,
    .severity = Severity::kInfo,
    .subject = SubjectType::kWorkload,
    .rule =
        "Shown, not scored: passes when the workload or its pod template has labels app.kubernetes.io/name, "
        "app.kubernetes.io/instance or part-of, and app.kubernetes.io/version, none of them empty; fails otherwise "
        "and names those that are missing.",
    .why =
        "Dashboards, cost reports, service maps and kubectl -l group by them. Without them nobody can tell what "
        "belongs together, or which version runs where.",
    .fix =
        "Set them where all others are set: in the chart's helpers, or with labels in kustomization.yaml. Leave the "
        "version out of selectors, which cannot change.",
    .source = "C. Namespaces: namespaces group applications",
    .traps = "Labels of the pod template count as well as the workload's own.",
    .run = Run,
};

}  // namespace seaworthy::checks
