#include "checks/all_checks.h"
#include "checks/common/effective_resources.h"

namespace seaworthy::checks {
namespace {

Outcome Run(const Context& context) { return DemandAmount(context, ResourceField::kLimitsCpu); }

}  // namespace

constinit const Check kCpuLimit = {
    .id = "cpu-limit",
    .title = "Every container has a CPU limit",
    .section = Section::kResources,
    .severity = Severity::kInfo,
    .subject = SubjectType::kWorkload,
    .rule =
        "Shown, not scored: passes when every container has an effective CPU limit, fails otherwise, unknown when a "
        "quantity cannot be read. The limit counts wherever it comes from: the container, spec.resources of the pod, "
        "or a LimitRange of the namespace. Where pods of the current revision run, their spec is judged, injected "
        "sidecars included. 0 is none.",
    .why =
        "A limit keeps one container from taking all idle CPU of its node, and makes what it gets the same on an idle "
        "node and on a full one. It also throttles the container while CPU is idle, so teams differ on it: this check "
        "informs and takes no side.",
    .fix =
        "Where predictable CPU matters more than bursts, set resources.limits.cpu well above the usual peak; else "
        "leave it out and rely on the request.",
    .source = "F. Resources: requests and limits sensible, neither too low nor too high",
    .aged =
        "The article asks for limits in general. Requests alone share CPU fairly under load, so throttling is judged "
        "by evidence (limits-not-too-low) and a missing CPU limit costs nothing.",
    .traps = "A CPU limit as a demand is the best known false alarm of linters: it is not scored here.",
    .reads = {Kind::kPod, Kind::kLimitRange},
    .run = Run,
};

}  // namespace seaworthy::checks
