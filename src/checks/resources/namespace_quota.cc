#include <optional>

#include "checks/all_checks.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

Outcome Run(const Context& context) {
  // What is seen is enough; that nothing is there takes both sources.
  if (!context.Quotas().empty() || !context.LimitRanges().empty()) return Outcome::Pass();
  if (context.offline())
    return Outcome::Unknown(UnknownCause::kNotInInput,
                            "no ResourceQuota and no LimitRange is among these files; the namespace may have one");
  for (const Kind kind : {Kind::kResourceQuota, Kind::kLimitRange}) {
    if (std::optional<Outcome> missing = Missing(context, kind)) return *std::move(missing);
  }
  return Outcome::Fail("neither a ResourceQuota nor a LimitRange bounds what this namespace may take of the nodes");
}

}  // namespace

constinit const Check kNamespaceQuota = {
    .id = "namespace-quota",
    .title = "The namespace is bounded by a quota or limit range",
    .section = Section::kResources,
    .severity = Severity::kLow,
    .subject = SubjectType::kNamespace,
    .rule =
        "Passes when the namespace has a ResourceQuota or a LimitRange, fails when it has neither. Unknown in a scan "
        "that has none.",
    .why = "Without either, one runaway autoscaler or a forgotten limit takes the nodes from everybody else.",
    .fix =
        "Create a ResourceQuota for what the namespace may request in all, and a LimitRange whose defaults apply to "
        "containers that say nothing.",
    .source = "F. Resources: nodes not over-committed, resources finite",
    .traps = "Whether the numbers are sensible is quota-headroom's question.",
    .reads = {Kind::kResourceQuota, Kind::kLimitRange},
    .run = Run,
};

}  // namespace seaworthy::checks
