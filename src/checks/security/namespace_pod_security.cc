#include "checks/all_checks.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

constexpr std::string_view kEnforce = "pod-security.kubernetes.io/enforce";
constexpr std::string_view kPath = "metadata.labels[pod-security.kubernetes.io/enforce]";

Outcome Run(const Context& context) {
  const Namespace* ns = context.Namespace().object;
  if (ns == nullptr) {
    if (context.offline())
      return Outcome::Unknown(UnknownCause::kNotInInput,
                              "the Namespace object is not among the files: add it, with its labels");
    if (std::optional<Outcome> missing = Missing(context, Kind::kNamespace)) return *std::move(missing);
    return Outcome::Unknown(UnknownCause::kPending, "the Namespace object is not known yet");
  }
  const std::string_view level = ns->meta.labels.Get(kEnforce);
  if (level == "baseline" || level == "restricted") return Outcome::Pass();
  if (!level.empty()) {
    return Outcome::Fail("label pod-security.kubernetes.io/enforce is " + std::string(level) +
                         ", want baseline or restricted")
        .At(std::string(kPath));
  }
  const bool watched =
      ns->meta.labels.Has("pod-security.kubernetes.io/warn") || ns->meta.labels.Has("pod-security.kubernetes.io/audit");
  return Outcome::Fail(watched ? "label pod-security.kubernetes.io/enforce is not set (warn or audit refuse nothing), "
                                 "want baseline or restricted"
                               : "label pod-security.kubernetes.io/enforce is not set, want baseline or restricted")
      .At(std::string(kPath));
}

}  // namespace

constinit const Check kNamespacePodSecurity = {
    .id = "namespace-pod-security",
    .title = "The namespace enforces a Pod Security Standard",
    .section = Section::kSecurity,
    .severity = Severity::kMedium,
    .subject = SubjectType::kNamespace,
    .rule =
        "Passes when the namespace's label pod-security.kubernetes.io/enforce is baseline or restricted. Fails where "
        "it is missing, privileged or no level at all; warn and audit do not enforce. Unknown in a scan without the "
        "Namespace object.",
    .why = "Without it anybody who may create a pod in the namespace may create a privileged one, and own the node.",
    .fix =
        "Label the namespace pod-security.kubernetes.io/enforce: baseline, or restricted where pod-security-level "
        "passes for all its workloads; set warn to the next level first and read the warnings.",
    .source = "P. Security: security contexts, not root",
    .traps =
        "A default in the API server's admission configuration, and other engines (OpenShift's SCCs, Kyverno, "
        "Gatekeeper), are not seen: waive with that as the reason. A namespace of node agents needs privileged: give "
        "them one of their own and waive it.",
    .reads = {Kind::kNamespace},
    .run = Run,
};

}  // namespace seaworthy::checks
