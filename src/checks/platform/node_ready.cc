#include <string>

#include "checks/all_checks.h"

namespace seaworthy::checks {
namespace {

constexpr Param kParams[] = {{"cordonedHours", 24, "a node may stay cordoned for so long"}};
constexpr std::string_view kPressures[] = {"MemoryPressure", "DiskPressure", "PIDPressure"};

Outcome Run(const Context& context) {
  if (context.node().node == nullptr)
    return Outcome::Unknown(UnknownCause::kNotObserved, "the node is only known from its pods");
  const Node& node = *context.node().node;
  const Condition* ready = FindCondition(node.conditions, "Ready");
  if (ready == nullptr)
    return Outcome::Unknown(UnknownCause::kNotObserved, "its kubelet has not reported whether it is ready");
  if (!ready->is_true()) {
    std::string message = "condition Ready is " + ready->status.str();
    if (!ready->reason.empty()) message += " (" + ready->reason.str() + ")";
    return Outcome::Fail(message + "; want True").At("status.conditions").Since(ready->since);
  }
  std::string pressures;
  Timestamp since;
  for (std::string_view type : kPressures) {
    const Condition* pressure = FindCondition(node.conditions, type);
    if (pressure == nullptr || !pressure->is_true()) continue;
    if (!pressures.empty()) pressures += " and ";
    pressures += type;
    if (!since.set() || (pressure->since.set() && pressure->since < since)) since = pressure->since;
  }
  if (!pressures.empty()) return Outcome::Fail("the node has " + pressures).At("status.conditions").Since(since);
  if (!node.unschedulable) return Outcome::Pass();
  if (!node.cordoned_since.set()) {
    return Outcome::Unknown(UnknownCause::kNotObserved, "it is cordoned, and its taint does not say since when");
  }
  const auto hours = static_cast<std::int64_t>(context.Param("cordonedHours"));
  const std::int64_t crosses = node.cordoned_since.seconds + hours * 3600;
  if (context.now_seconds() <= crosses) return Outcome::Pass().RecheckAt({crosses + 1});
  return Outcome::Warn("it has been cordoned for more than " + std::to_string(hours) + " h; uncordon or remove it")
      .At("spec.unschedulable")
      .Since({crosses});
}

}  // namespace

constinit const Check kNodeReady = {
    .id = "node-ready",
    .title = "Nodes are ready and not under pressure",
    .section = Section::kPlatform,
    .severity = Severity::kHigh,
    .subject = SubjectType::kNode,
    .holds = true,
    .rule =
        "Passes when condition Ready is True and none of MemoryPressure, DiskPressure and PIDPressure is; fails when "
        "that has not been so for 10 minutes. Warns when a node has been cordoned for more than 24 h. Unknown before "
        "the kubelet reports, and where a cordon does not say since when.",
    .why =
        "A node that is not ready takes its pods with it after five minutes; one under pressure evicts them. A node "
        "that somebody cordoned and forgot is paid for and missing when another one fails.",
    .fix =
        "kubectl describe node shows the condition's message: look at the kubelet, the runtime and the disk there. "
        "Uncordon a node after maintenance, or remove it.",
    .source = "R. Monitoring: everything monitored, dashboards, pods and nodes",
    .traps =
        "Conditions that other agents add (node-problem-detector) are not judged. A node that is down and cordoned "
        "fails, as it is not ready.",
    .reads = {Kind::kNode},
    .params = kParams,
    .run = Run,
};

}  // namespace seaworthy::checks
