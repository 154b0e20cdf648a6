#include <algorithm>
#include <iterator>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/owner_keys.h"
#include "checks/common/paths.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

bool NamesOwner(const KeyValue& pair) {
  if (pair.value.empty()) return false;
  const std::string_view key = pair.key;
  return std::find(std::begin(kOwnerKeys), std::end(kOwnerKeys), key) != std::end(kOwnerKeys) ||
         std::any_of(std::begin(kOwnerKeyEnds), std::end(kOwnerKeyEnds),
                     [&](std::string_view end) { return key.ends_with(end); });
}

bool Says(const Labels& pairs) { return std::any_of(pairs.begin(), pairs.end(), NamesOwner); }

Outcome Run(const Context& context) {
  const Workload& workload = context.workload();
  for (const Labels* own :
       {&workload.meta.labels, &workload.meta.annotations, &workload.template_labels, &workload.template_annotations}) {
    if (Says(*own)) return Outcome::Pass();
  }
  const Namespace* ns = context.Namespace().object;
  if (ns != nullptr) {
    if (Says(ns->meta.labels) || Says(ns->meta.annotations)) return Outcome::Pass("the namespace says it");
  } else if (context.offline()) {
    return Outcome::Unknown(
        UnknownCause::kNotInInput,
        "it names no owner, and whether its namespace does is not known: give the Namespace's manifest too");
  } else if (std::optional<Outcome> missing = Missing(context, Kind::kNamespace)) {
    return *std::move(missing);
  }
  return Outcome::
      Fail("neither it nor its namespace says who owns it; want label or annotation seaworthy.dev/owner, owner or team")
          .At("metadata.labels");
}

}  // namespace

constinit const Check kOwnerDeclared = {
    .id = "owner-declared",
    .title = "Somebody owns the workload",
    .section = Section::kNamespaces,
    .severity = Severity::kLow,
    .subject = SubjectType::kWorkload,
    .rule =
        "Passes when the workload, its pod template or its namespace has a label or annotation seaworthy.dev/owner, "
        "app.kubernetes.io/owner, owner, team, a8r.io/owner or one whose key ends in /owner or /team, with a value. "
        "Fails when none has. In a scan without the Namespace it is unknown where the workload says nothing.",
    .why =
        "At night somebody looks for the people who know this service. Alerts are routed by it, costs are booked by "
        "it, and what nobody owns nobody upgrades.",
    .fix = "Label the namespace with team: NAME, or the workload where a namespace has several owners.",
    .source = "C. Namespaces: namespaces group applications",
    .traps = "An owner that is inherited from the namespace is enough. Whether the team still exists is not seen.",
    .reads = {Kind::kNamespace},
    .run = Run,
};

}  // namespace seaworthy::checks
