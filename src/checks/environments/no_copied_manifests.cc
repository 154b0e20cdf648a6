#include <string>
#include <vector>

#include "checks/all_checks.h"
#include "checks/common/findings.h"
#include "checks/environments/release_tools.h"

namespace seaworthy::checks {
namespace {

// Without a tool that keeps the copies alike.
bool ByHand(const WorkloadRecord& record) {
  return record.workload->meta.Controller() == nullptr && ReleaseToolSeen(*record.workload).empty();
}

// A namespace with such a copy, the first by name.
const WorkloadRecord* CopyElsewhere(const Context& context, const WorkloadRecord& record) {
  for (const WorkloadRecord* other : context.Alike(record)) {
    if (other->ns != record.ns && ByHand(*other)) return other;
  }
  return nullptr;
}

std::string_view Applies(const Context& context) {
  return context.Workloads().empty() ? "no workload runs in this namespace" : "";
}

Outcome Run(const Context& context) {
  Findings findings(context);
  for (const WorkloadRecord* record : context.Workloads()) {
    if (context.Alike(*record).size() < 2 || !ByHand(*record)) continue;
    const WorkloadRecord* other = CopyElsewhere(context, *record);
    if (other == nullptr) continue;
    // A tool leaves its marks when it applies: what it rendered for two environments looks like copies as well.
    const bool applied = !context.offline();
    findings.Add(
        applied ? Verdict::kWarn : Verdict::kUnknown, {},
        record->workload->kind_name.str() + " " + record->workload->meta.name.str() + " stands in namespace " +
            other->ns->name.str() + " as well, equal but for tags, environment, replicas and resources, and " +
            (applied ? "no release tool shows" : "whether a release tool makes both is seen in a cluster only"));
  }
  Outcome outcome = std::move(findings).Finish(Outcome::Pass());
  if (outcome.verdict == Verdict::kUnknown) outcome.cause = UnknownCause::kOffline;
  return outcome;
}

}  // namespace

constinit const Check kNoCopiedManifests = {
    .id = "no-copied-manifests",
    .title = "Environments are no copies of files",
    .section = Section::kEnvironments,
    .severity = Severity::kLow,
    .subject = SubjectType::kNamespace,
    .rule =
        "Warns when a workload of the namespace has a twin in another one: kind, name, image repositories and template "
        "are the same but for image tags, environment variables, replicas and resources, and on neither do labels, "
        "annotations or field managers show a release tool (see release-tool); in a scan that is unknown, since the "
        "tool adds its marks when it applies. Not applicable to a namespace without workloads.",
    .why =
        "Copies drift: what is mended in one environment is forgotten in the other, and a test in staging says nothing "
        "about production.",
    .fix =
        "Template the manifest once, with Helm or a Kustomize base and overlays, and let the values differ by "
        "environment.",
    .source = "D. Environments: environments by a tool, not copies",
    .traps =
        "What an operator makes in each namespace is no copy. Environments in other clusters are not seen. Labels of a "
        "release tool can be set by hand, and helm template piped into kubectl leaves them: both count as a tool. "
        "Arguments and commands are not compared.",
    .reads = {Kind::kDeployment, Kind::kStatefulSet, Kind::kDaemonSet, Kind::kCronJob, Kind::kReplicaSet},
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
