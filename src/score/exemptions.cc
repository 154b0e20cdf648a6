#include "score/exemptions.h"

#include <algorithm>

#include "support/trim.h"

namespace seaworthy::score {
namespace {

constexpr std::int64_t kDay = 86400;
// Clocks of people and of the cluster differ a little; a day ahead is a mistake.
constexpr std::int64_t kAhead = kDay;

const Check* FindCheck(std::span<const Check* const> checks, std::string_view id) {
  for (const Check* check : checks) {
    if (check->id == id) return check;
  }
  return nullptr;
}

bool IsSection(std::string_view name) {
  for (std::size_t i = 0; i < kSectionCount; ++i) {
    if (SectionName(static_cast<Section>(i)) == name) return true;
  }
  return false;
}

Standing Invalid(std::string message) { return {Standing::State::kInvalid, std::move(message), {}}; }

bool Named(const List<Text>& list, std::string_view name) {
  return std::any_of(list.begin(), list.end(), [&](const Text& one) { return one == name; });
}

// Digests of the images that the workload runs, as its pods' statuses or its template tell.
bool RunsImage(const WorkloadRecord& record, std::string_view digest) {
  const auto ends = [&](const Text& image) { return std::string_view(image).ends_with(digest); };
  bool seen = false;
  for (const Pod* pod : record.pods) {
    for (const ContainerStatus& status : pod->containers) {
      if (status.image_id.empty()) continue;
      seen = true;
      if (ends(status.image_id)) return true;
    }
  }
  if (seen) return false;
  return std::any_of(record.workload->spec->containers.begin(), record.workload->spec->containers.end(),
                     [&](const Container& container) { return ends(container.image); });
}

}  // namespace

bool Names(const Attestation& attestation, const Check& check) { return Named(attestation.checks, check.id); }

bool Names(const Waiver& waiver, const Check& check) {
  return Named(waiver.checks, check.id) || Named(waiver.sections, SectionName(check.section));
}

bool Applies(const Attestation& attestation, const SubjectRef& subject) {
  if (!InScope(attestation.scope, subject)) return false;
  if (subject.workload == nullptr) return true;
  if (attestation.for_generation.has_value() &&
      *attestation.for_generation != subject.workload->workload->meta.generation)
    return false;
  return attestation.for_image.empty() || RunsImage(*subject.workload, attestation.for_image);
}

Timestamp EndOf(const Attestation& attestation, const Check& check) {
  const std::int64_t most = kDay * (check.max_days != 0 ? check.max_days : 180);
  const std::int64_t span = attestation.valid_for_seconds == 0 ? most : std::min(attestation.valid_for_seconds, most);
  return {attestation.performed_at.seconds + span};
}

Standing StandingOf(const Attestation& attestation, std::span<const Check* const> checks, std::int64_t now_seconds) {
  if (attestation.checks.empty()) return Invalid("spec.checks: names no check");
  if (!attestation.performed_at.set()) return Invalid("spec.performedAt: not a time");
  if (attestation.performed_at.seconds > now_seconds + kAhead) return Invalid("spec.performedAt: lies in the future");
  if (!attestation.refused.empty()) return Invalid(attestation.refused.front());
  Standing standing;
  for (std::size_t i = 0; i < attestation.checks.size(); ++i) {
    const std::string field = "spec.checks[" + std::to_string(i) + "]: ";
    const Check* check = FindCheck(checks, attestation.checks[i]);
    if (check == nullptr) return Invalid(field + "there is no check \"" + attestation.checks[i].str() + "\"");
    if (!check->attestable)
      return Invalid(field + "\"" + attestation.checks[i].str() + "\" cannot be attested: the cluster shows it");
    const Timestamp end = EndOf(attestation, *check);
    if (!standing.ends.set() || end < standing.ends) standing.ends = end;
  }
  if (standing.ends.seconds <= now_seconds) standing.state = Standing::State::kExpired;
  return standing;
}

Standing StandingOf(const Waiver& waiver, const Policy& policy, std::span<const Check* const> checks,
                    std::int64_t now_seconds) {
  if (waiver.checks.empty() && waiver.sections.empty()) return Invalid("spec: names neither checks nor sections");
  if (waiver.reason.empty()) return Invalid("spec.reason: missing");
  if (!waiver.expires.set()) return Invalid("spec.expires: not a time");
  if (!waiver.refused.empty()) return Invalid(waiver.refused.front());
  for (std::size_t i = 0; i < waiver.checks.size(); ++i) {
    const std::string_view id = waiver.checks[i];
    if (FindCheck(checks, id) == nullptr)
      return Invalid("spec.checks[" + std::to_string(i) + "]: there is no check \"" + std::string(id) + "\"");
  }
  for (std::size_t i = 0; i < waiver.sections.size(); ++i) {
    if (!IsSection(waiver.sections[i]))
      return Invalid("spec.sections[" + std::to_string(i) + "]: there is no section \"" + waiver.sections[i].str() +
                     "\"");
  }
  const std::int64_t from = waiver.meta.created.set() ? waiver.meta.created.seconds : now_seconds;
  if (waiver.expires.seconds > from + policy.waiver_max_days() * kDay) {
    return Invalid("spec.expires: more than " + std::to_string(policy.waiver_max_days()) + " days after it was made");
  }
  Standing standing;
  standing.ends = waiver.expires;
  if (waiver.expires.seconds <= now_seconds) standing.state = Standing::State::kExpired;
  return standing;
}

bool InScope(const SubjectScope& scope, const SubjectRef& subject) {
  if (!scope.namespaces.empty()) {
    const NamespaceRecord* ns = subject.workload != nullptr ? subject.workload->ns : subject.ns;
    if (ns == nullptr) return false;
    if (std::none_of(scope.namespaces.begin(), scope.namespaces.end(),
                     [&](const Text& pattern) { return MatchesPattern(pattern, ns->name); }))
      return false;
  }
  if (!scope.nodes.empty()) {
    if (subject.node == nullptr) return false;
    if (std::none_of(scope.nodes.begin(), scope.nodes.end(),
                     [&](const Text& pattern) { return MatchesPattern(pattern, subject.node->name); }))
      return false;
  }
  if (scope.workloads.empty() && !scope.selector.present) return true;
  if (subject.workload == nullptr) return false;
  const Workload& workload = *subject.workload->workload;
  for (const WorkloadRef& ref : scope.workloads) {
    if (ref.kind == workload.kind_name.view() && ref.name == workload.meta.name.view()) return true;
  }
  return scope.selector.present && scope.selector.Matches(workload.meta.labels);
}

Exemptions::Exemptions(const Snapshot& snapshot, const Policy& policy, std::span<const Check* const> checks,
                       const SubjectRef& subject, std::int64_t now_seconds) {
  const auto add_waiver = [&](const Waiver& waiver, std::string_view kind) {
    const Standing standing = StandingOf(waiver, policy, checks, now_seconds);
    if (standing.state != Standing::State::kValid || !InScope(waiver.scope, subject)) return;
    Sooner(standing.ends, now_seconds);
    Sooner({standing.ends.seconds - kNoticeSeconds}, now_seconds);
    for (const Check* check : checks) {
      if (!Names(waiver, *check)) continue;
      waivers_.push_back(
          {check,
           {std::string(kind) + "/" + waiver.meta.name.str(), waiver.reason.str(), standing.ends, waiver.containers}});
    }
  };
  const auto add_attestation = [&](const Attestation& attestation) {
    if (StandingOf(attestation, checks, now_seconds).state == Standing::State::kInvalid ||
        !Applies(attestation, subject))
      return;
    for (const Check* check : checks) {
      if (!Names(attestation, *check)) continue;
      const Timestamp end = EndOf(attestation, *check);
      if (end.seconds <= now_seconds) continue;
      Sooner(end, now_seconds);
      Sooner({end.seconds - kNoticeSeconds}, now_seconds);
      attestations_.push_back({check, {&attestation, end}});
    }
  };
  const NamespaceRecord* ns = subject.workload != nullptr ? subject.workload->ns : subject.ns;
  if (ns != nullptr) {
    for (const Object* object : ns->Objects(Kind::kWaiver)) add_waiver(static_cast<const Waiver&>(*object), "Waiver");
    for (const Object* object : ns->Objects(Kind::kAttestation))
      add_attestation(static_cast<const Attestation&>(*object));
  }
  for (const Object* object : snapshot.Objects(Kind::kClusterWaiver))
    add_waiver(static_cast<const Waiver&>(*object), "ClusterWaiver");
  for (const Object* object : snapshot.Objects(Kind::kClusterAttestation))
    add_attestation(static_cast<const Attestation&>(*object));
  if (subject.workload != nullptr) {
    AddAnnotation(subject.workload->workload->meta.annotations.Get("seaworthy.dev/waive"),
                  policy.allow_waiver_annotations(), checks);
  }
}

// "id=reason; id=reason": no date, so the policy decides whether such a thing counts at all.
void Exemptions::AddAnnotation(std::string_view text, bool allowed, std::span<const Check* const> checks) {
  while (!text.empty()) {
    const std::size_t end = text.find(';');
    const std::string_view part = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    const std::size_t equals = part.find('=');
    const std::string_view reason = equals == std::string_view::npos
                                        ? std::string_view()
                                        : support::Trim(part.substr(equals + 1), support::kSpaces);
    const Check* check = FindCheck(checks, support::Trim(part.substr(0, equals), support::kSpaces));
    if (check == nullptr) continue;
    if (!allowed) {
      refused_.emplace_back(check, "waives it, which no AuditPolicy allows");
    } else if (reason.empty()) {
      refused_.emplace_back(check, "gives no reason to waive it");
    } else {
      waivers_.push_back({check, {"annotation seaworthy.dev/waive", std::string(reason), {}, {}}});
    }
  }
}

std::string_view Exemptions::RefusedAnnotation(const Check& check) const {
  for (const auto& [named, why] : refused_) {
    if (named == &check) return why;
  }
  return {};
}

void Exemptions::Sooner(Timestamp when, std::int64_t now_seconds) {
  if (when.seconds > now_seconds && (!next_change_.set() || when < next_change_)) next_change_ = when;
}

const AppliedWaiver* Exemptions::WaiverOf(const Check& check) const {
  const AppliedWaiver* best = nullptr;
  for (const Waived& waived : waivers_) {
    if (waived.check != &check || !waived.applied.containers.empty()) continue;
    // An annotation has no end and so holds longest; of equal ends the first by name, for the same answer in every run.
    const auto longer = [](const AppliedWaiver& a, const AppliedWaiver& b) {
      if (a.until.set() != b.until.set()) return !a.until.set();
      return a.until == b.until ? a.name < b.name : a.until > b.until;
    };
    if (best == nullptr || longer(waived.applied, *best)) best = &waived.applied;
  }
  return best;
}

std::vector<Text> Exemptions::WaivedContainers(const Check& check) const {
  std::vector<Text> containers;
  for (const Waived& waived : waivers_) {
    if (waived.check != &check) continue;
    containers.insert(containers.end(), waived.applied.containers.begin(), waived.applied.containers.end());
  }
  return containers;
}

const AppliedWaiver* Exemptions::ContainerWaiverOf(const Check& check) const {
  const AppliedWaiver* first = nullptr;
  for (const Waived& waived : waivers_) {
    if (waived.check != &check || waived.applied.containers.empty()) continue;
    if (first == nullptr || waived.applied.until < first->until) first = &waived.applied;
  }
  return first;
}

const AppliedAttestation* Exemptions::AttestationOf(const Check& check) const {
  const AppliedAttestation* best = nullptr;
  for (const Attested& attested : attestations_) {
    if (attested.check != &check) continue;
    if (best == nullptr || attested.applied.until > best->until ||
        (attested.applied.until == best->until &&
         attested.applied.attestation->meta.name < best->attestation->meta.name)) {
      best = &attested.applied;
    }
  }
  return best;
}

}  // namespace seaworthy::score
