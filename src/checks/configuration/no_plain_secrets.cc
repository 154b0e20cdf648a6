#include <string>
#include <string_view>

#include "checks/all_checks.h"
#include "checks/common/findings.h"

namespace seaworthy::checks {
namespace {

Verdict Judged(const CredentialFact& fact) {
  return fact.evidence == CredentialFact::Evidence::kNamedLiteral ? Verdict::kWarn : Verdict::kFail;
}

// Where and what kind; the value was never kept.
std::string Describe(const CredentialFact& fact) {
  switch (fact.evidence) {
    case CredentialFact::Evidence::kNamedLiteral:
      // What stands beside it says more than the name: a connection string, a flag.
      if (!fact.what.empty()) return fact.where.str() + " holds " + fact.what.str();
      return fact.where.str() + " has a literal value, and its name is that of a credential";
    case CredentialFact::Evidence::kUrlUserInfo: return fact.where.str() + " holds a URL with a password in it";
    case CredentialFact::Evidence::kKeyFormat: break;
  }
  return fact.where.str() + " holds " +
         (fact.what.empty() ? std::string("a value in a known key format") : "what looks like: " + fact.what.str());
}

// "env[DB_PASSWORD]" is written env[name=DB_PASSWORD].value in a path.
std::string FieldOf(std::string_view where) {
  constexpr std::string_view kEnv = "env[";
  const std::size_t end = where.find(']');
  if (where.substr(0, kEnv.size()) != kEnv || end == std::string_view::npos) return std::string(where);
  return "env[name=" + std::string(where.substr(kEnv.size(), end - kEnv.size())) + "].value";
}

Outcome Run(const Context& context) {
  Findings findings(context);
  const Workload& workload = context.workload();
  for (const Container& container : context.spec().containers) {
    for (const CredentialFact& fact : container.credentials) {
      findings.Add(Judged(fact), workload, container, FieldOf(fact.where), Describe(fact));
    }
  }
  for (const CredentialFact& fact : workload.credentials)
    findings.Add(Judged(fact), "metadata.annotations", Describe(fact));
  return std::move(findings).Finish(Outcome::Pass());
}

}  // namespace

constinit const Check kNoPlainSecrets = {
    .id = "no-plain-secrets",
    .title = "No credential stands in the manifest in plain text",
    .section = Section::kConfiguration,
    .severity = Severity::kHigh,
    .subject = SubjectType::kWorkload,
    .penalty_only = true,
    .rule =
        "Reads literal env values, commands, args and annotations of all containers. Fails on a known key format "
        "(cloud access keys, PEM private keys, tokens of code hosts, ...) or a URL with a password. Warns on an "
        "environment variable that is named like a credential and has a literal value, on such a name with a literal "
        "within a value (Password=...), and on flags that take a credential (--password, curl -u, --requirepass).",
    .why =
        "Whoever may read the workload reads the credential: every viewer of the namespace, the Git history, the "
        "logs of each tool on the way. It cannot be rotated without a release.",
    .fix =
        "Move the value to a Secret (or an external secret store), refer to it with secretKeyRef or a mounted "
        "file, and rotate it: it is known by now.",
    .source = "I. Configuration: configuration and secrets injected",
    .traps =
        "Names that end in _NAME, _URL, _TTL, _LENGTH, _ENABLED, _FILE or _PATH are no credentials, nor are booleans, "
        "numbers, durations, plain URLs, placeholders and $(VAR) references. The word decides where it stands last "
        "(DB_PASSWORD, not PASSWORD_POLICY): linters that look for it anywhere find WEBHOOK_SECRET_NAME. TLS_SECRET, "
        "PULL_SECRET, EXISTING_SECRET and --secret=web-secret name Secrets. Certificates are public. ConfigMaps are "
        "not looked at. Secrets are never read, and a value that is found is neither kept nor shown.",
    .run = Run,
};

}  // namespace seaworthy::checks
