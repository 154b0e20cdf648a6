// Exemptions: which waivers and attestations apply to a subject now. The one evaluation path for watch, timer and
// command line.
//
// An object that names a check which does not exist, a check that cannot be attested, or a date beyond what is allowed
// is Invalid and applies to nothing; one whose date has passed is Expired. What was said by several is answered by the
// one that holds longest.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "score/policy.h"
#include "seaworthy/check.h"
#include "seaworthy/policy.h"
#include "seaworthy/snapshot.h"

namespace seaworthy::score {

struct Standing {
  enum class State : std::uint8_t { kValid, kExpired, kInvalid } state = State::kValid;
  std::string message;  // why it is invalid, naming the field
  Timestamp ends;       // of a valid one: when it stops to apply
};

Standing StandingOf(const Attestation& attestation, std::span<const Check* const> checks, std::int64_t now_seconds);
Standing StandingOf(const Waiver& waiver, const Policy& policy, std::span<const Check* const> checks,
                    std::int64_t now_seconds);

// When an attestation of this check ends: performedAt + min(validFor, the check's maximum).
Timestamp EndOf(const Attestation& attestation, const Check& check);

// What applies to one subject; pointers live as long as the snapshot's objects.
struct AppliedWaiver {
  std::string name;  // "Waiver/x", "annotation seaworthy.dev/waive"
  std::string reason;
  Timestamp until;
  List<Text> containers;  // empty: the whole finding
};
struct AppliedAttestation {
  const Attestation* attestation = nullptr;
  Timestamp until;
};

class Exemptions {
 public:
  // Of a subject: gathers what is about it at all, once for all checks.
  Exemptions(const Snapshot& snapshot, const Policy& policy, std::span<const Check* const> checks,
             const SubjectRef& subject, std::int64_t now_seconds);

  // Nobody has said anything about the subject.
  bool empty() const { return waivers_.empty() && refused_.empty() && attestations_.empty(); }
  // The waiver of the whole check that holds longest; nullptr when none.
  const AppliedWaiver* WaiverOf(const Check& check) const;
  // Containers whose findings of this check are waived.
  std::vector<Text> WaivedContainers(const Check& check) const;
  // Of the waivers that name containers, the one that ends first; nullptr when none.
  const AppliedWaiver* ContainerWaiverOf(const Check& check) const;
  const AppliedAttestation* AttestationOf(const Check& check) const;
  // Why the annotation that would waive this check does not count, to be said after "the annotation"; empty where there
  // is none or it counts.
  std::string_view RefusedAnnotation(const Check& check) const;
  // The next moment at which something of it ends or the 14 days before an end begin; unset: never.
  Timestamp next_change() const { return next_change_; }

 private:
  struct Waived {
    const Check* check;
    AppliedWaiver applied;
  };
  struct Attested {
    const Check* check;
    AppliedAttestation applied;
  };
  void Sooner(Timestamp when, std::int64_t now_seconds);
  void AddAnnotation(std::string_view text, bool allowed, std::span<const Check* const> checks);

  std::vector<Waived> waivers_;
  std::vector<std::pair<const Check*, std::string_view>> refused_;
  std::vector<Attested> attestations_;
  Timestamp next_change_;
};

// Is it about this check, by its id or by its section?
bool Names(const Attestation& attestation, const Check& check);
bool Names(const Waiver& waiver, const Check& check);

// Is the attestation about the subject, as it is now: its scope, the image it runs, its generation?
bool Applies(const Attestation& attestation, const SubjectRef& subject);

// Does the scope include the subject? Namespaced objects are only asked about subjects of their namespace.
bool InScope(const SubjectScope& scope, const SubjectRef& subject);

// 14 days before an end the finding says so.
inline constexpr std::int64_t kNoticeSeconds = 14 * 86400;

}  // namespace seaworthy::score
