#include "checks/all_checks.h"
#include "checks/common/effective_resources.h"

namespace seaworthy::checks {
namespace {

Outcome Run(const Context& context) { return DemandAmount(context, ResourceField::kRequestsCpu); }

}  // namespace

constinit const Check kCpuRequest = {
    .id = "cpu-request",
    .title = "Every container requests CPU",
    .section = Section::kResources,
    .severity = Severity::kHigh,
    .subject = SubjectType::kWorkload,
    .rule =
        "Passes when every container has an effective CPU request, fails otherwise, unknown when a quantity cannot be "
        "read. The amount counts wherever it comes from: the container, its limit (the API server copies it), "
        "spec.resources of the pod, or a LimitRange of the namespace. Where pods of the current revision run, their "
        "spec is judged, injected sidecars included. Native sidecars are containers; init containers that end are not "
        "asked. 0 is none.",
    .why =
        "The request is what the scheduler reserves and what the kernel shares CPU by. Without one the pod is placed "
        "as if it needed nothing and gets the last share on a busy node; a HorizontalPodAutoscaler on CPU cannot work "
        "at all.",
    .fix =
        "Set resources.requests.cpu to what the container uses at its usual peak: see kubectl top, or a "
        "VerticalPodAutoscaler in mode Off.",
    .source = "F. Resources: requests and limits sensible, neither too low nor too high",
    .traps =
        "A default from a LimitRange shows on the pods and not on the template: it counts. So does a limit "
        "alone, where other linters want the request beside it. Whether the amount is right is judged by "
        "requests-match-usage.",
    .reads = {Kind::kPod, Kind::kLimitRange},
    .run = Run,
};

}  // namespace seaworthy::checks
