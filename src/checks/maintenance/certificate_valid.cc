#include <algorithm>
#include <optional>
#include <string>

#include "checks/all_checks.h"
#include "checks/common/dates.h"
#include "checks/common/findings.h"
#include "checks/common/sources.h"

namespace seaworthy::checks {
namespace {

constexpr Param kParams[] = {
    {"days", 14, "fewer days left than this fails"},
    {"lifetimePercent", 16,
     "of a short-lived certificate: less left than this share of its lifetime, where that is less"},
};

constexpr std::int64_t kDay = 86400;

std::string_view Applies(const Context& context) {
  if (!context.Here(Kind::kCertificate).empty()) return "";
  const SourceState state = context.State(Kind::kCertificate);
  return state == SourceState::kDenied || state == SourceState::kPending
             ? ""
             : "no cert-manager Certificate in the namespace";
}

// How long before its end it is too late: cert-manager renews when a third of the lifetime is left, so what has less
// than half of that was not renewed. Of ninety days two weeks, of a week one day.
std::int64_t NoticeSeconds(const Context& context, OptInt not_before, std::int64_t not_after) {
  const auto most = static_cast<std::int64_t>(context.Param("days") * static_cast<double>(kDay));
  if (!not_before.has_value() || *not_before >= not_after) return most;
  const double lifetime = static_cast<double>(not_after - *not_before);
  return std::min(most, static_cast<std::int64_t>(lifetime * context.Param("lifetimePercent") / 100));
}

Outcome Run(const Context& context) {
  if (context.offline())
    return Outcome::Unknown(UnknownCause::kOffline, "only a cluster shows whether certificates were issued");
  if (context.State(Kind::kCertificate) != SourceState::kAbsent) {
    if (std::optional<Outcome> missing = Missing(context, Kind::kCertificate)) return *std::move(missing);
  }
  Findings findings(context);
  Timestamp since, recheck;
  for (const Object* object : context.Here(Kind::kCertificate)) {
    const Extension& certificate = Context::AsExtension(*object);
    const std::string name = "Certificate " + certificate.meta.name.str();
    // The earliest complaint: each has held since then or longer.
    const auto complain = [&](Timestamp from, const std::string& what) {
      findings.Add(Verdict::kFail, "", name + what);
      if (!since.set() || (from.set() && from < since)) since = from;
    };
    const OptInt not_after = certificate.IntAt("status.notAfter{time}");
    if (not_after.has_value()) {
      const std::int64_t late =
          *not_after - NoticeSeconds(context, certificate.IntAt("status.notBefore{time}"), *not_after);
      if (context.now_seconds() >= *not_after) {
        complain({late}, " expired on " + DateOf({*not_after}));
        continue;
      }
      if (context.now_seconds() >= late) {
        complain({late}, " expires on " + DateOf({*not_after}) + " and has not been renewed");
        if (!recheck.set() || *not_after < recheck.seconds) recheck = {*not_after};
        continue;
      }
      if (!recheck.set() || late < recheck.seconds) recheck = {late};
    }
    const Condition* ready = FindCondition(certificate.conditions, "Ready");
    if (ready == nullptr) {
      complain(certificate.meta.created, " has no Ready condition: nothing has tried to issue it");
    } else if (!ready->is_true()) {
      complain(ready->since, " is not Ready" + (ready->reason.empty() ? "" : " (" + ready->reason.str() + ")"));
    }
  }
  return std::move(findings).Finish(Outcome::Pass()).Since(since).RecheckAt(recheck);
}

}  // namespace

constinit const Check kCertificateValid = {
    .id = "certificate-valid",
    .title = "Certificates are issued and renewed in time",
    .section = Section::kMaintenance,
    .severity = Severity::kHigh,
    .subject = SubjectType::kNamespace,
    .holds = true,
    .rule =
        "Fails when a cert-manager Certificate of the namespace is not Ready for 10 minutes, or has fewer than 14 days "
        "left; of a short-lived one less than 16 % of its lifetime. Unknown in a scan. Not applicable without "
        "Certificates.",
    .why =
        "On the day a certificate expires every client refuses the connection at once, with all replicas healthy. The "
        "weeks before are for finding out why the renewal fails.",
    .fix =
        "kubectl describe certificate, then its CertificateRequest, Order and Challenge: the last one says what the "
        "issuer refused.",
    .source = "L. Traffic and maintenance: maintenance page",
    .traps =
        "Certificates in Secrets that cert-manager does not manage are not seen: no Secret is ever read. One that is "
        "renewed by plan less than 14 days before its end (renewBefore) fails for these days: raise renewBefore, it "
        "leaves no time to mend a failing issuer.",
    .reads = {Kind::kCertificate},
    .params = kParams,
    .applies = Applies,
    .run = Run,
};

}  // namespace seaworthy::checks
