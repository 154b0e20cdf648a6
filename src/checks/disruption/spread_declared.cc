#include <string>

#include "checks/all_checks.h"
#include "checks/common/paths.h"
#include "checks/common/replicas.h"
#include "checks/common/spread.h"

namespace seaworthy::checks {
namespace {

bool SpreadsBy(std::string_view topology_key) { return topology_key == kHostnameKey || IsZoneKey(topology_key); }

std::string_view Applies(const Context& context) {
  if (ScaledToZero(context.workload())) return kScaledToZero;
  return EffectiveReplicas(context).minimum >= 2 ? "" : "it may run with a single replica: there is nothing to spread";
}

// Why a term does not spread the workload's own pods, for the message; the first one is enough to act on.
struct Rejected {
  std::string path, why;
  void Note(const Workload& workload, std::string_view field, std::size_t index, std::string what) {
    if (!why.empty()) return;
    path = std::string(TemplatePath(workload)) + "." + std::string(field) + "[" + std::to_string(index) + "]";
    why = std::move(what);
  }
};

std::string WrongKey(const Text& key) {
  return key.empty() ? "it has no topologyKey" : "topologyKey " + key.str() + " is neither a hostname nor a zone";
}

Outcome Run(const Context& context) {
  const Workload& workload = context.workload();
  const PodSpec& spec = context.spec();
  Rejected rejected;
  for (std::size_t i = 0; i < spec.topology_spread.size(); ++i) {
    const TopologySpread& term = spec.topology_spread[i];
    if (!SpreadsBy(term.topology_key)) {
      rejected.Note(workload, "topologySpreadConstraints", i, WrongKey(term.topology_key));
    } else if (!term.selector.present) {
      rejected.Note(workload, "topologySpreadConstraints", i, "the constraint has no labelSelector and matches no pod");
    } else if (!MatchesOwnPods(workload, term)) {
      rejected.Note(workload, "topologySpreadConstraints", i,
                    "the constraint's labelSelector does not match the workload's own pods");
    } else {
      return Outcome::Pass();
    }
  }
  bool undecided = false;
  std::size_t required = 0, preferred = 0;
  for (const PodAffinityTerm& term : spec.pod_anti_affinity) {
    const std::string_view field = term.required
                                       ? "affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution"
                                       : "affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution";
    const std::size_t index = term.required ? required++ : preferred++;
    if (!SpreadsBy(term.topology_key)) {
      rejected.Note(workload, field, index, WrongKey(term.topology_key));
      continue;
    }
    if (!term.selector.present) {
      rejected.Note(workload, field, index, "the anti-affinity term has no labelSelector and matches no pod");
      continue;
    }
    switch (MatchesOwnPods(context, term)) {
      case SelfMatch::kYes: return Outcome::Pass();
      case SelfMatch::kUnknown: undecided = true; break;
      case SelfMatch::kNo:
        rejected.Note(workload, field, index, "the anti-affinity term does not match the workload's own pods");
        break;
    }
  }
  if (undecided) {
    return Outcome::Unknown(
        context.offline() ? UnknownCause::kNotInInput : UnknownCause::kPending,
        "an anti-affinity term selects namespaces, and the labels of this one are not known: add the Namespace");
  }
  if (rejected.why.empty()) {
    return Outcome::Fail("neither topologySpreadConstraints nor podAntiAffinity keeps its pods apart")
        .At(std::string(TemplatePath(workload)) + ".topologySpreadConstraints");
  }
  return Outcome::Fail("nothing keeps its pods apart: " + rejected.why).At(rejected.path);
}

std::string MakePatch(const Context& context) {
  const Workload& workload = context.workload();
  // A selector that does not match the template is no selector to copy; and a patch would merge into a constraint on
  // the same key.
  if (workload.selector.empty() || !workload.selector.Matches(workload.template_labels)) return {};
  for (const TopologySpread& term : context.spec().topology_spread) {
    if (term.topology_key == kHostnameKey) return {};
  }
  return Patch(workload)
      .PodSpec(
          "\"topologySpreadConstraints\":[{\"maxSkew\":1,\"topologyKey\":\"kubernetes.io/hostname\","
          "\"whenUnsatisfiable\":\"ScheduleAnyway\",\"labelSelector\":" +
          SelectorJson(workload.selector) + "}]")
      .Build();
}

}  // namespace

constinit const Check kSpreadDeclared = {
    .id = "spread-declared",
    .title = "Replicas are told to stay on different nodes or zones",
    .section = Section::kDisruption,
    .severity = Severity::kMedium,
    .subject = SubjectType::kWorkload,
    .applies_to = kReplicated,
    .rule =
        "Passes where one topologySpreadConstraint or podAntiAffinity term, required or preferred, matches the "
        "workload's own pods on kubernetes.io/hostname or a zone key. A term without labelSelector matches "
        "nothing; matchLabelKeys join the selector; terms about other pods do not matter. Fails otherwise. "
        "Unknown where only the labels of a namespace that is not known would decide. Not applicable at 0 "
        "replicas or where the effective minimum is under 2.",
    .why =
        "The scheduler may put every replica on one node; that node's failure, drain or upgrade then takes the "
        "service down although there were replicas to survive it.",
    .fix =
        "Add a topologySpreadConstraint on kubernetes.io/hostname (and one on topology.kubernetes.io/zone where "
        "there are zones) whose labelSelector is the workload's own. ScheduleAnyway never blocks a rollout.",
    .source = "H. Spread and disruption: spread by affinity",
    .aged =
        "The article names affinity only; topologySpreadConstraints (stable since 1.19) serve the same end and do "
        "it evenly, so either is accepted.",
    .traps =
        "The scheduler's built-in default spreading is soft, cluster-wide and no declaration: it does not count "
        "here, and spread-across-nodes judges what came of it. Either mechanism suffices, and a preferred term does: "
        "some linters want a required one, which costs the rollout of a full set of nodes. A term whose labels the "
        "pods do not carry looks right and does nothing: it fails.",
    .reads = {Kind::kHorizontalPodAutoscaler, Kind::kScaledObject, Kind::kNamespace},
    .applies = Applies,
    .run = Run,
    .patch = MakePatch,
};

}  // namespace seaworthy::checks
