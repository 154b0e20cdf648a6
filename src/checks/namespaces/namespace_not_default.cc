#include "checks/all_checks.h"

namespace seaworthy::checks {
namespace {

Outcome Run(const Context& context) {
  const Text& ns = context.workload().meta.namespace_;
  if (ns.empty()) {
    return Outcome::Unknown(
        UnknownCause::kNotInInput,
        "the manifest names no namespace: set metadata.namespace, or give the one it is applied to with --namespace");
  }
  if (ns == "default")
    return Outcome::Fail("it is in namespace default; want a namespace of its application").At("metadata.namespace");
  return Outcome::Pass();
}

}  // namespace

constinit const Check kNamespaceNotDefault = {
    .id = "namespace-not-default",
    .title = "Workloads are not in the default namespace",
    .section = Section::kNamespaces,
    .severity = Severity::kMedium,
    .subject = SubjectType::kWorkload,
    .rule = "Passes in any namespace but default, fails in default, unknown for a manifest that names no namespace.",
    .why =
        "Quotas, network policies, permissions and Pod Security levels are set for a namespace. In default everything "
        "that nobody placed comes together, so none of them can be set for one application alone, and a kubectl "
        "without -n lands there.",
    .fix =
        "Create a namespace for the application and move the workload there: objects cannot be moved, so deploy it "
        "anew and delete the old one.",
    .source = "C. Namespaces: namespaces group applications",
    .traps =
        "A manifest without a namespace is unknown and not in default: kubectl -n, Helm and Kustomize name it later.",
    .run = Run,
};

}  // namespace seaworthy::checks
