// Scheduling terms by which a pod template keeps its own pods apart.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "seaworthy/check.h"

namespace seaworthy::checks {

inline constexpr std::string_view kHostnameKey = "kubernetes.io/hostname";
// Zones: the well-known label, its beta form, and the storage drivers' own ("topology.ebs.csi.aws.com/zone").
bool IsZoneKey(std::string_view topology_key);

enum class SelfMatch : std::uint8_t {
  kYes,
  kNo,
  kUnknown,  // the namespace's labels would decide and are not known
};

// Whether the term is about the template's own pods, as the scheduler reads it: an absent selector matches nothing,
// matchLabelKeys join the selector with the pods' own values and so never exclude them, mismatchLabelKeys do. Kinds:
// kNamespace, for terms with a namespaceSelector.
SelfMatch MatchesOwnPods(const Context& context, const PodAffinityTerm& term);
bool MatchesOwnPods(const Workload& workload, const TopologySpread& term);

// Whether the term separates pods of one revision only, so that a new revision's pods may stand beside the old ones'.
bool WithinRevision(const PodAffinityTerm& term);

// The selector as a JSON object.
std::string SelectorJson(const LabelSelector& selector);

}  // namespace seaworthy::checks
