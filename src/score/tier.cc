#include "score/tier.h"

namespace seaworthy::score {

Tier TierOf(const NamespaceRecord& ns) {
  if (std::string_view(ns.name).starts_with("kube-")) return Tier::kExempt;
  if (ns.object == nullptr) return Tier::kStandard;
  const std::string_view tier = ns.object->meta.labels.Get("seaworthy.dev/tier");
  if (tier == "critical") return Tier::kCritical;
  if (tier == "auxiliary") return Tier::kAuxiliary;
  if (tier == "exempt") return Tier::kExempt;
  return Tier::kStandard;
}

}  // namespace seaworthy::score
