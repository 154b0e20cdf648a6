#include <optional>
#include <string>
#include <utility>

#include "checks/all_checks.h"
#include "checks/common/findings.h"
#include "checks/common/kubernetes_version.h"
#include "checks/common/sources.h"
#include "checks/third_party/kubernetes_releases.h"

namespace seaworthy::checks {
namespace {

constexpr Param kParams[] = {{"minorsAhead", 2, "how many minors ahead a removal is complained about"}};

class Search {
 public:
  explicit Search(const Context& context) : context_(context), findings_(context) {}

  void Look(const Object& object) {
    if (object.meta.written_in.empty()) return;
    const std::string_view kind = Info(object.kind).name;
    const RemovedApi* api = FindRemovedApi(object.meta.written_in, kind);
    if (api == nullptr) return;
    found_ = true;
    const std::string what = std::string(kind) + " " + object.meta.name.str(),
                      version = std::string(api->version) + ", which Kubernetes 1." + std::to_string(api->removed_in),
                      want = "; want " + std::string(api->instead);
    if (context_.offline()) {  // no server that is supported serves any of them
      findings_.Add(Verdict::kFail, "apiVersion", what + " is written as " + version + " has removed" + want);
      return;
    }
    const int ahead = static_cast<int>(context_.Param("minorsAhead"));
    if (!version_ || (version_->major == 1 && api->removed_in > version_->minor + ahead)) return;
    findings_.Add(Verdict::kFail, {},
                  what + " was last written as " + version +
                      (version_->minor >= api->removed_in ? " has removed" : " removes") + want);
  }
  Outcome Finish(std::string passed) && {
    if (found_ && !version_ && !context_.offline()) {
      return Outcome::Unknown(
          UnknownCause::kNotObserved,
          "something was written in an old API version, and the API server's own version is not known");
    }
    return std::move(findings_).Finish(Outcome::Pass(std::move(passed)));
  }

  bool found() const { return found_; }

 private:
  const Context& context_;
  Findings findings_;
  const std::optional<KubernetesVersion> version_ = ParseKubernetesVersion(ServerVersion(context_));
  bool found_ = false;
};

Outcome Run(const Context& context) {
  Search search(context);
  for (const WorkloadRecord* record : context.Workloads()) {
    if (record->synthetic == nullptr) search.Look(*record->workload);
  }
  for (const Ingress* ingress : context.NamespaceIngresses()) search.Look(*ingress);
  for (const NetworkPolicy* policy : context.NamespacePolicies()) search.Look(*policy);
  for (const BudgetRecord* budget : context.NamespaceBudgets()) search.Look(*budget->budget);
  for (const HorizontalPodAutoscaler* autoscaler : context.NamespaceAutoscalers()) search.Look(*autoscaler);
  if (context.offline() && !search.found())
    return Outcome::Unknown(UnknownCause::kOffline,
                            "no manifest is in a version that was removed; in which versions others were written shows "
                            "in a cluster only");
  std::string unseen;
  for (const Kind kind :
       {Kind::kIngress, Kind::kNetworkPolicy, Kind::kPodDisruptionBudget, Kind::kHorizontalPodAutoscaler}) {
    if (!Usable(context, kind)) unseen += (unseen.empty() ? "" : ", ") + std::string(Info(kind).name);
  }
  return std::move(search).Finish(unseen.empty() ? unseen : "but for what cannot be read: " + unseen);
}

}  // namespace

constinit const Check kDeprecatedApi = {
    .id = "deprecated-api",
    .title = "Manifests are written in API versions that stay",
    .section = Section::kThirdParty,
    .severity = Severity::kMedium,
    .subject = SubjectType::kNamespace,
    .rule =
        "Fails when somebody last wrote an object of the namespace in an API version that Kubernetes has removed, or "
        "removes within the next two minors: by the newest entry of managedFields, else by kubectl's last-applied "
        "annotation. Looked at are workloads, Ingresses, NetworkPolicies, PodDisruptionBudgets and "
        "HorizontalPodAutoscalers. In a scan it fails for manifests in a version that Kubernetes has removed, and is "
        "unknown without any.",
    .why =
        "The server goes on serving the object in the new version, so nobody notices; the next deploy after the "
        "upgrade is refused, and the fix is made in a hurry.",
    .fix =
        "Write the manifest in the version that is named and apply it again; charts: upgrade to a release that does.",
    .source = "Kubernetes: Deprecated API Migration Guide",
    .traps =
        "Every object can be read in every version that is served: what counts is in which it was written. "
        "Controllers' entries and those of subresources are left out, an older entry of a tool that has been replaced "
        "since as well: they are how others came to false alarms.",
    .reads = {Kind::kNamespace, Kind::kDeployment, Kind::kStatefulSet, Kind::kDaemonSet, Kind::kCronJob,
              Kind::kReplicaSet, Kind::kIngress, Kind::kNetworkPolicy, Kind::kPodDisruptionBudget,
              Kind::kHorizontalPodAutoscaler, Kind::kServerVersion},
    .params = kParams,
    .run = Run,
};

}  // namespace seaworthy::checks
