// What people say: which of it applies, until when, and what they are answered.
#include "score/people.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "score/engine_rig.h"

namespace seaworthy::score {
namespace {

using cache::Deployment;
using cache::Manifest;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::int64_t kDay = 86400;

Outcome SourceSilent(const Context&) { return Outcome::Unknown(UnknownCause::kDegraded, "no answer"); }
Outcome NothingSaid(const Context&) { return Outcome::Unknown(UnknownCause::kNotDeclared, "nobody says"); }
Outcome ByReplicas(const Context& context) {
  return context.workload().replicas.value_or(1) >= 2 ? Outcome::Pass() : Outcome::Fail("one replica");
}
Outcome SeenWrong(const Context&) { return Outcome::Fail("seen to be wrong"); }
Outcome NotFound(const Context&) { return Outcome::Warn("nothing found").Absence(); }
// As Findings answers, of one container.
Outcome OnAContainer(const Context& context) {
  if (!context.IsWaived(context.spec().containers.front())) return Outcome::Fail("container app: no limit");
  Outcome outcome = Outcome::Pass();
  outcome.left_out = true;
  outcome.waived_finding = "container app: no limit";
  return outcome;
}
Outcome ByServices(const Context& context) {
  return context.Services().items.empty() ? Outcome::Fail("no Service") : Outcome::Pass();
}

Check Make(std::string_view id, Outcome (*run)(const Context&), bool attestable = false, KindSet reads = {}) {
  Check check{.id = id,
              .title = id,
              .section = Section::kHealth,
              .severity = Severity::kHigh,
              .subject = SubjectType::kWorkload};
  check.attestable = attestable;
  check.reads = reads;
  check.run = run;
  return check;
}
const Check kReplicas = Make("replicas", ByReplicas);
const Check kLoadTest = Make("load-test", NothingSaid, true);
const Check kSilent = Make("silent", SourceSilent, true);
const Check kWrong = Make("wrong", SeenWrong, true);
const Check kBackup = Make("backup", NotFound, true);
const Check kLimit = Make("limit", OnAContainer);
const Check kServed = Make("served", ByServices, false, {Kind::kService});

std::string Web(int replicas, int generation, std::string_view manager = "kubectl-edit") {
  return Manifest("apps/v1", "Deployment",
                  "name: web, namespace: shop, uid: d1, labels: {app: web}, generation: " + std::to_string(generation) +
                      ", managedFields: [{manager: " + std::string(manager) +
                      ", operation: Update, apiVersion: apps/v1, time: \"2026-11-24T12:00:00Z\", fieldsType: FieldsV1, "
                      "fieldsV1: {}}]",
                  "spec: {replicas: " + std::to_string(replicas) +
                      ", selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: "
                      "{containers: [{name: app, image: \"web@sha256:" +
                      std::string(64, 'a') + "\"}]}}}\n");
}
std::string Waive(std::string_view spec, std::string_view name = "w") {
  return Manifest("audit.seaworthy.dev/v1alpha1", "Waiver",
                  "name: " + std::string(name) + ", namespace: shop, creationTimestamp: \"2026-11-01T00:00:00Z\"",
                  "spec: {" + std::string(spec) + "}\n");
}
std::string Attest(std::string_view spec, std::string_view name = "a") {
  return Manifest("audit.seaworthy.dev/v1alpha1", "Attestation", "name: " + std::string(name) + ", namespace: shop",
                  "spec: {" + std::string(spec) + "}\n");
}
std::string Say(std::string_view name, std::string_view spec) {
  return Manifest("audit.seaworthy.dev/v1alpha1", "AuditPolicy", "name: " + std::string(name),
                  "spec: {" + std::string(spec) + "}\n");
}

struct PeopleTest : ::testing::Test {
  Verdict Of(const std::string& id) { return rig.Told("web").verdicts.at(id); }
  std::string Message(const std::string& id) { return rig.Told("web").messages.at(id); }
  const Transition& Last() {
    const std::uint32_t subject = rig.rig.Find("Deployment", "web")->subject;
    report = rig.engine.ReportOf(subject);
    return report.transitions.back();
  }
  std::size_t Transitions() {
    return rig.engine.ReportOf(rig.rig.Find("Deployment", "web")->subject).transitions.size();
  }
  std::vector<PersonReport> Reports(std::int64_t now = cache::kNow) {
    return PeopleReports(rig.rig.world, rig.engine.policy(), rig.checks, now);
  }

  EngineRig rig{{&kReplicas, &kLoadTest, &kWrong, &kBackup, &kServed, &kSilent, &kLimit}};
  WorkloadReport report;
};

TEST_F(PeopleTest, AWaiverHoldsUntilItsDateAndEndsByItself) {
  rig.Apply(Web(1, 1));
  rig.Apply(
      Waive("checks: [replicas], workloads: [{kind: Deployment, name: web}], reason: JIRA-12, expires: "
            "\"2026-12-24T12:00:00Z\""));
  rig.Work();
  EXPECT_EQ(Of("replicas"), Verdict::kWaived);
  EXPECT_EQ(Message("replicas"), "waived by Waiver/w (JIRA-12); found: one replica");
  const std::int64_t end = cache::kNow + 30 * kDay;
  // 14 days before the end the finding says so, without anything else happening.
  ASSERT_TRUE(rig.engine.NextDue().has_value());
  rig.Work(end - 14 * kDay);
  EXPECT_THAT(Message("replicas"), HasSubstr("which ends on 2026-12-24"));
  rig.Work(end - 1);
  EXPECT_EQ(Of("replicas"), Verdict::kWaived);
  rig.Work(end);
  EXPECT_EQ(Of("replicas"), Verdict::kFail);
  EXPECT_EQ(Transitions(), 0u) << "it never was anything but one replica";
}

TEST_F(PeopleTest, AWaiverOfContainersSaysWhyAndWhatWasFound) {
  rig.Apply(Web(2, 1));
  rig.Apply(Waive("checks: [limit], containers: [app], reason: JIRA-12, expires: \"2026-12-24T12:00:00Z\""));
  rig.Work();
  EXPECT_EQ(Of("limit"), Verdict::kWaived);
  EXPECT_EQ(Message("limit"),
            "waived by Waiver/w (JIRA-12) for the containers that it names; found: container app: no limit");
}

TEST_F(PeopleTest, AnAnnotationThatWaivesSaysWhy) {
  rig.Apply(Say("p", "allow: {waiverAnnotations: true}"));
  rig.Apply(Manifest("apps/v1", "Deployment",
                     "name: web, namespace: shop, annotations: {seaworthy.dev/waive: \"replicas = one is enough \"}",
                     "spec: {replicas: 1, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: "
                     "web}}, spec: {containers: [{name: app, image: web}]}}}\n"));
  rig.Work();
  EXPECT_EQ(Message("replicas"), "waived by annotation seaworthy.dev/waive (one is enough); found: one replica");
}

// No API server has seen what a scan reads.
TEST_F(PeopleTest, WhatTheCrdsRefuseDoesNotCount) {
  constexpr std::string_view kWhen = "performedAt: \"2026-11-20T12:00:00Z\"";
  constexpr std::string_view kWhom = "workloads: [{kind: Deployment, name: web}]";
  const auto attestation = [&](std::string_view spec) {
    rig.Apply(Attest("checks: [load-test], " + std::string(kWhen) + ", " + std::string(spec)));
    rig.Work();
    EXPECT_EQ(Of("load-test"), Verdict::kUnknown) << spec;
    const std::vector<PersonReport> reports = Reports();
    return reports.empty() ? std::string("no report") : reports.back().message;
  };
  rig.Apply(Web(1, 1));
  EXPECT_EQ(attestation("by: sre"), "spec: say which workloads, by name or by selector");
  EXPECT_EQ(attestation(kWhom), "spec.by: missing");
  EXPECT_EQ(attestation("by: sre, workloads: [{name: web}]"), "spec.workloads[0].kind: missing");
  EXPECT_EQ(attestation("by: sre, selector: {}"),
            "spec.selector: an empty selector would select everything; leave it out instead");
  EXPECT_EQ(attestation("by: sre, validFor: 3months, " + std::string(kWhom)),
            "spec.validFor: \"3months\"; want days or hours, as 90d or 12h");
  EXPECT_EQ(attestation("by: sre, validFor: 500d, " + std::string(kWhom)),
            "spec.validFor: no attestation holds for more than 365d");
  EXPECT_EQ(attestation("by: 5, " + std::string(kWhom)), "spec.by: not a string");
  EXPECT_EQ(attestation("by: sre, forImage: \"sha256:1\", " + std::string(kWhom)),
            "spec.forImage: not a digest (sha256: and 64 hexadecimal digits)");

  rig.Apply(Waive("checks: [replicas], workloads: [{name: web}], reason: r, expires: \"2026-12-24T12:00:00Z\""));
  rig.Work();
  EXPECT_EQ(Of("replicas"), Verdict::kFail);
  EXPECT_EQ(Reports().back().message, "spec.workloads[0].kind: missing");
}

TEST_F(PeopleTest, WhatTheCrdRefusesOfAPolicyDoesNotCount) {
  rig.Apply(Web(1, 1));
  rig.Apply(Say("p",
                "threshold: 200, coverageFloor: 7, waiverMaxDays: 99999, allow: {roles: \"yes\"}, params: {replicas: "
                "{least: \"3\"}}, tiers: [{tier: critical}]"));
  rig.Work();
  EXPECT_EQ(rig.engine.policy().scoring(true), Policy(rig.checks).scoring(true));
  EXPECT_EQ(rig.engine.policy().waiver_max_days(), 180);
  EXPECT_EQ(rig.engine.ReportOf(rig.rig.Find("Deployment", "web")->subject).tier, Tier::kStandard);
  EXPECT_THAT(rig.engine.policy().statuses().at("p").problems,
              ElementsAre("threshold: 200; want 0 to 100", "coverageFloor: 7; want 0 to 1",
                          "waiverMaxDays: 99999; want 1 to 3650", "allow.roles: neither true nor false",
                          "params.replicas.least: not a number", "tiers[0]: say which namespaces or which workloads"));
}

TEST_F(PeopleTest, AWaiverOfASectionOrOfAnotherWorkload) {
  rig.Apply(Web(1, 1));
  rig.Apply(Waive("sections: [health], reason: r, expires: \"2026-12-24T12:00:00Z\""));
  rig.Work();
  for (const char* id : {"replicas", "load-test", "wrong", "backup", "served"})
    EXPECT_EQ(Of(id), Verdict::kWaived) << id;
  rig.Apply(Waive(
      "sections: [health], workloads: [{kind: Deployment, name: cart}], reason: r, expires: \"2026-12-24T12:00:00Z\""));
  rig.Work();
  EXPECT_EQ(Of("replicas"), Verdict::kFail);
  rig.Apply(
      Waive("sections: [health], selector: {matchLabels: {app: web}}, reason: r, expires: \"2026-12-24T12:00:00Z\""));
  rig.Work();
  EXPECT_EQ(Of("replicas"), Verdict::kWaived);
  rig.Delete(Waive("sections: [health], reason: r"));
  rig.Work();
  EXPECT_EQ(Of("replicas"), Verdict::kFail);
}

TEST_F(PeopleTest, AnAttestationAnswersWhatIsMissingNeverWhatIsWrong) {
  rig.Apply(Web(2, 1));
  rig.Apply(
      Attest("checks: [load-test, backup, wrong], workloads: [{kind: Deployment, name: web}], by: sre, performedAt: "
             "\"2026-11-20T12:00:00Z\", validFor: 90d"));
  rig.Work();
  EXPECT_EQ(Of("load-test"), Verdict::kAttested);
  EXPECT_EQ(Of("backup"), Verdict::kAttested);
  EXPECT_EQ(Of("wrong"), Verdict::kFail);
  EXPECT_EQ(Message("load-test"), "attested by sre on 2026-11-20; found: nobody says");
  rig.Work(cache::kNow + 86 * kDay);
  EXPECT_EQ(Of("load-test"), Verdict::kUnknown);
  EXPECT_EQ(Of("backup"), Verdict::kWarn);
  EXPECT_EQ(Last().cause, Cause::kExpiry);
}

TEST_F(PeopleTest, AnAttestationOfAnImageLapsesWithTheNextRelease) {
  rig.Apply(Web(2, 1));
  const std::string of =
      "checks: [load-test], workloads: [{kind: Deployment, name: web}], by: sre, performedAt: "
      "\"2026-11-20T12:00:00Z\", ";
  rig.Apply(Attest(of + "forImage: \"sha256:" + std::string(64, 'a') + "\""));
  rig.Work();
  EXPECT_EQ(Of("load-test"), Verdict::kAttested);
  std::string next = Web(2, 2);
  next.replace(next.find("sha256:") + 7, 64, std::string(64, 'b'));
  rig.Apply(next);
  rig.Work();
  EXPECT_EQ(Of("load-test"), Verdict::kUnknown);
  rig.Apply(Attest(of + "forGeneration: 2"));
  rig.Work();
  EXPECT_EQ(Of("load-test"), Verdict::kAttested);
  next = Web(3, 3);
  rig.Apply(next);
  rig.Work();
  EXPECT_EQ(Of("load-test"), Verdict::kUnknown);
}

TEST_F(PeopleTest, WhatIsInvalidAppliesToNothingAndSaysWhy) {
  rig.Apply(Web(1, 1));
  rig.Apply(Attest(
      "checks: [replicas], workloads: [{kind: Deployment, name: web}], by: sre, performedAt: \"2026-11-20T12:00:00Z\"",
      "not-attestable"));
  rig.Apply(Attest(
      "checks: [no-such], workloads: [{kind: Deployment, name: web}], by: sre, performedAt: \"2026-11-20T12:00:00Z\"",
      "unknown"));
  rig.Apply(Attest("checks: [load-test], by: sre, performedAt: \"2027-11-20T12:00:00Z\"", "future"));
  rig.Apply(Waive("checks: [replicas], reason: r, expires: \"2028-01-01T00:00:00Z\"", "too-long"));
  rig.Apply(Waive("checks: [replicas], expires: \"2026-12-24T12:00:00Z\"", "no-reason"));
  rig.Apply(Waive("checks: [replicas], reason: r, expires: \"2026-11-02T00:00:00Z\"", "over"));
  rig.Work();
  EXPECT_EQ(Of("replicas"), Verdict::kFail);
  std::map<std::string, std::string> told;
  for (const PersonReport& one : Reports())
    told[one.object->meta.name.str()] = std::string(one.state) + ": " + one.message;
  EXPECT_EQ(told["not-attestable"], "Invalid: spec.checks[0]: \"replicas\" cannot be attested: the cluster shows it");
  EXPECT_EQ(told["unknown"], "Invalid: spec.checks[0]: there is no check \"no-such\"");
  EXPECT_EQ(told["future"], "Invalid: spec.performedAt: lies in the future");
  EXPECT_EQ(told["too-long"], "Invalid: spec.expires: more than 180 days after it was made");
  EXPECT_EQ(told["no-reason"], "Invalid: spec.reason: missing");
  EXPECT_EQ(told["over"], "Expired: ");
}

TEST_F(PeopleTest, AnswersHowManyItIsAbout) {
  rig.Apply(Web(1, 1));
  rig.Apply(Deployment("cart", "uid: d2"));
  rig.Apply(Waive("checks: [replicas], reason: r, expires: \"2026-12-24T12:00:00Z\"", "all"));
  rig.Apply(Waive(
      "checks: [replicas], workloads: [{kind: Deployment, name: cart}], reason: r, expires: \"2026-12-24T12:00:00Z\"",
      "one"));
  rig.Apply(Waive(
      "checks: [replicas], workloads: [{kind: Deployment, name: gone}], reason: r, expires: \"2026-12-24T12:00:00Z\"",
      "none"));
  rig.Work();
  std::map<std::string, std::int64_t> matched;
  for (const PersonReport& one : Reports()) matched[one.object->meta.name.str()] = one.matched;
  EXPECT_EQ(matched, (std::map<std::string, std::int64_t>{{"all", 2}, {"one", 1}, {"none", 0}}));
  EXPECT_EQ(Reports()[0].ends.seconds, cache::kNow + 30 * kDay);
}

TEST_F(PeopleTest, PoliciesMergeByNameAndTheLoserIsTold) {
  rig.Apply(Web(1, 1));
  rig.Apply(Say("b", "threshold: 90, severities: {replicas: low}"));
  rig.Apply(Say("a", "threshold: 70, disabled: [served, no-such]"));
  rig.Work();
  EXPECT_FALSE(rig.Told("web").verdicts.contains("served"));
  std::map<std::string, PersonReport> told;
  for (PersonReport& one : Reports()) told[one.object->meta.name.str()] = one;
  EXPECT_EQ(told["a"].state, "Invalid");
  EXPECT_EQ(told["a"].message, "disabled[1]: there is no check \"no-such\"");
  EXPECT_THAT(told["a"].overridden, ElementsAre("threshold: 70, overridden by policy b (90)"));
  EXPECT_EQ(told["b"].state, "Valid");
  EXPECT_THAT(told["b"].overridden, IsEmpty());
  EXPECT_EQ(told["b"].matched, 0);
}

TEST_F(PeopleTest, ARegressionHasItsCauseGenerationAndManager) {
  rig.Apply(Web(2, 1, "helm"));
  rig.Work();
  EXPECT_EQ(Transitions(), 0u);
  rig.Apply(Web(1, 2, "kubectl-edit"));
  rig.Work(cache::kNow + 60);
  EXPECT_EQ(Last().check->id, "replicas");
  EXPECT_EQ(Last().cause, Cause::kWorkload);
  EXPECT_EQ(Last().generation, 2);
  EXPECT_EQ(Last().manager, "kubectl-edit");
  EXPECT_TRUE(IsRegression(Last()));
  // What is only removed leaves no entry of whoever removed it.
  rig.Apply(Web(2, 3, "kubectl-edit"));
  rig.Work(cache::kNow + 70);
  EXPECT_EQ(Last().generation, 3);
  EXPECT_EQ(Last().manager, "");
  // A Service comes and goes: nobody touched the workload.
  const std::string service = Manifest("v1", "Service", "name: s, namespace: shop, uid: s",
                                       "spec: {selector: {app: web}, ports: [{port: 80}]}");
  rig.Apply(service);
  rig.Work(cache::kNow + 7200);
  EXPECT_FALSE(IsRegression(Last()));
  rig.Delete(service);
  rig.Work(cache::kNow + 7260);
  EXPECT_EQ(Last().check->id, "served");
  EXPECT_EQ(Last().cause, Cause::kEnvironment);
  EXPECT_TRUE(IsRegression(Last()));
}

TEST_F(PeopleTest, AnEditOfThePolicyIsNobodysRegression) {
  rig.Apply(Web(2, 1));
  rig.Work();
  rig.Apply(Say("a", "threshold: 70"));
  rig.Apply(Web(1, 2));
  rig.Work(cache::kNow + 60);
  EXPECT_EQ(Last().cause, Cause::kChecklist);
  EXPECT_FALSE(IsRegression(Last()));
}

// Found by a random world: nobody was told, since no verdict had changed.
TEST_F(PeopleTest, AnotherThresholdIsToldWhereNoVerdictChanges) {
  EngineRig other{{&kReplicas, &kBackup}};
  other.Apply(Web(2, 1));
  other.Work();
  ASSERT_EQ(other.Told("web").score, 75);
  EXPECT_EQ(other.Told("web").ready, Ready::kFalse);
  other.Apply(Say("a", "threshold: 70"));
  other.Work();
  EXPECT_EQ(other.Told("web").ready, Ready::kTrue);
}

TEST_F(PeopleTest, ARestartRemembersWhatWasDecided) {
  rig.Apply(Web(2, 1));
  rig.Work();
  const WorkloadRecord& record = *rig.rig.Find("Deployment", "web");
  SubjectEvidence kept = rig.engine.Evidence(record.subject);
  // As the object in the cluster has it: findings, what passed, and the evidence.
  EngineRig next({&kReplicas, &kLoadTest, &kWrong, &kBackup, &kServed, &kSilent, &kLimit});
  next.Apply(Web(1, 2, "argocd"));
  next.engine.Restore(next.rig.Find("Deployment", "web")->subject, kept);
  next.Work(cache::kNow + 600);
  const WorkloadReport told = next.engine.ReportOf(next.rig.Find("Deployment", "web")->subject);
  ASSERT_EQ(told.transitions.size(), 1u);
  EXPECT_EQ(told.transitions[0].cause, Cause::kWorkload);
  EXPECT_EQ(told.transitions[0].manager, "argocd");
  EXPECT_TRUE(IsRegression(told.transitions[0]));
  // Under other rules the same is nobody's fault.
  kept.rules = "other";
  EngineRig upgraded({&kReplicas, &kLoadTest, &kWrong, &kBackup, &kServed, &kSilent, &kLimit});
  upgraded.Apply(Web(1, 2, "argocd"));
  upgraded.engine.Restore(upgraded.rig.Find("Deployment", "web")->subject, kept);
  upgraded.Work(cache::kNow + 600);
  const WorkloadReport after = upgraded.engine.ReportOf(upgraded.rig.Find("Deployment", "web")->subject);
  ASSERT_EQ(after.transitions.size(), 1u);
  EXPECT_EQ(after.transitions[0].cause, Cause::kChecklist);
}

TEST_F(PeopleTest, TheStrictProfileTakesNoSilenceOfCriticalWorkloads) {
  rig.Apply(Web(2, 1));
  rig.Apply(Say("a", "profile: strict, tiers: [{tier: critical, selector: {matchLabels: {app: web}}}]"));
  rig.Work();
  EXPECT_EQ(Of("load-test"), Verdict::kFail);
  EXPECT_THAT(Message("load-test"), HasSubstr("not attested"));
  EXPECT_EQ(Of("silent"), Verdict::kUnknown) << "that is nobody's omission";
}

TEST_F(PeopleTest, AnAnnotationWaivesWhereThePolicyAllows) {
  const std::string web = Manifest(
      "apps/v1", "Deployment",
      "name: web, namespace: shop, uid: d1, annotations: {seaworthy.dev/waive: \"replicas=one is enough; wrong=\"}",
      cache::Template());
  rig.Apply(web);
  rig.Work();
  EXPECT_EQ(Of("replicas"), Verdict::kFail);
  EXPECT_EQ(Message("replicas"),
            "one replica; the annotation seaworthy.dev/waive waives it, which no AuditPolicy allows");
  rig.Apply(Say("a", "allow: {waiverAnnotations: true}"));
  rig.Work();
  EXPECT_EQ(Of("replicas"), Verdict::kWaived);
  EXPECT_EQ(Of("wrong"), Verdict::kFail) << "no reason, no waiver";
  EXPECT_THAT(Message("wrong"), HasSubstr("; the annotation seaworthy.dev/waive gives no reason to waive it"));
}

}  // namespace
}  // namespace seaworthy::score
