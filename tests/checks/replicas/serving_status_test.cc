// What fixtures cannot say of the checks that read a status: severity, since when, and when to look again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "checks/all_checks.h"
#include "score/run_check.h"
#include "testing/fixture.h"

namespace seaworthy::checks {
namespace {

Outcome Judge(const Check& check, const std::string& yaml) {
  testing::Fixture fixture(yaml);
  EXPECT_EQ(fixture.error(), "");
  std::string error;
  const SubjectRef ref = fixture.Subject(check.subject, error);
  EXPECT_EQ(error, "");
  Context context(fixture.world(), fixture.now());
  score::Bind(context, ref, fixture.tier());
  Outcome outcome = score::RunCheck(check, context, fixture.world());
  outcome.container = {};  // a text of the fixture's, which ends here
  return outcome;
}

// 2026-11-24T12:00:00Z, the fixtures' now.
constexpr std::int64_t kNoon = 1795521600;

std::string Deployment(const std::string& replicas, const std::string& status) {
  return "apiVersion: apps/v1\nkind: Deployment\n"
         "metadata: {name: web, namespace: shop, uid: 0a1b0000-0000-4000-8000-000000000001, generation: 1,\n"
         "  annotations: {deployment.kubernetes.io/revision: \"1\"}}\n"
         "spec:\n  replicas: " +
         replicas +
         "\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n"
         "    spec: {containers: [{name: app, image: registry.example/web:1.4.2}]}\n" +
         status;
}

TEST(Replicas, AreCriticalInTierCritical) {
  EXPECT_EQ(Judge(kReplicas, "# tier: critical\n" + Deployment("1", "")).severity, Severity::kCritical);
  EXPECT_EQ(Judge(kReplicas, "# tier: critical\n" + Deployment("2", "")).severity, Severity::kCritical);
  EXPECT_EQ(Judge(kReplicas, Deployment("1", "")).severity, std::nullopt);
}

TEST(Replicas, PatchIsNotOfferedWhereDataIsKept) {
  testing::Fixture fixture(
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec:\n  selector: {matchLabels: "
      "{app: web}}\n  template:\n"
      "    metadata: {labels: {app: web}}\n    spec:\n      containers: [{name: app, image: "
      "registry.example/web:1.4.2}]\n"
      "      volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]\n");
  std::string error;
  Context context(fixture.world(), fixture.now());
  score::Bind(context, fixture.Subject(SubjectType::kWorkload, error), Tier::kStandard);
  context.Use(kReplicas, {});
  EXPECT_EQ(kReplicas.patch(context), "");
}

TEST(ReplicasAvailable, NoneIsCriticalSinceTheConditionSaysSo) {
  const Outcome outcome = Judge(
      kReplicasAvailable,
      "# mode: cluster\n" +
          Deployment("3",
                     "status:\n  observedGeneration: 1\n  replicas: 3\n  unavailableReplicas: 3\n  conditions:\n"
                     "    - {type: Available, status: \"False\", lastTransitionTime: \"2026-11-24T11:00:00Z\"}\n"));
  EXPECT_EQ(outcome.verdict, Verdict::kFail);
  EXPECT_EQ(outcome.severity, Severity::kCritical);
  EXPECT_EQ(outcome.since.seconds, kNoon - 3600);
}

TEST(ReplicasAvailable, SomeMissingKeepsItsSeverity) {
  const Outcome outcome = Judge(
      kReplicasAvailable,
      "# mode: cluster\n" + Deployment("3", "status: {observedGeneration: 1, replicas: 3, availableReplicas: 2}\n"));
  EXPECT_EQ(outcome.verdict, Verdict::kFail);
  EXPECT_EQ(outcome.severity, std::nullopt);
}

std::string PendingPod(const std::string& since) {
  return "# mode: cluster\n" + Deployment("1", "status: {observedGeneration: 1, replicas: 1}\n") +
         "---\napiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {name: web-7d9f, namespace: shop, uid: "
         "0a1b0000-0000-4000-8000-000000000002,\n"
         "  labels: {app: web, pod-template-hash: 7d9f}, annotations: {deployment.kubernetes.io/revision: \"1\"},\n"
         "  ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, uid: "
         "0a1b0000-0000-4000-8000-000000000001, controller: true}]}\n"
         "spec: {replicas: 1}\n"
         "---\napiVersion: v1\nkind: Pod\nmetadata: {name: web-7d9f-a, namespace: shop, labels: {app: web, "
         "pod-template-hash: 7d9f},\n"
         "  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-7d9f, uid: "
         "0a1b0000-0000-4000-8000-000000000002, controller: true}]}\n"
         "spec: {containers: [{name: app, image: registry.example/web:1.4.2}]}\n"
         "status: {phase: Pending, conditions: [{type: PodScheduled, status: \"False\", reason: Unschedulable, "
         "lastTransitionTime: \"" +
         since + "\"}]}\n";
}

TEST(PodsStart, IsLookedAtAgainWhenTheTenMinutesAreOver) {
  const Outcome early = Judge(kPodsStart, PendingPod("2026-11-24T11:55:00Z"));
  EXPECT_EQ(early.verdict, Verdict::kPass);
  EXPECT_EQ(early.recheck.seconds, kNoon + 5 * 60 + 1);
  const Outcome late = Judge(kPodsStart, PendingPod("2026-11-24T11:30:00Z"));
  EXPECT_EQ(late.verdict, Verdict::kFail);
  EXPECT_EQ(late.since.seconds, kNoon - 30 * 60);
}

TEST(NodeReady, CordonedNodeIsLookedAtAgainAfterADay) {
  const Outcome outcome = Judge(
      kNodeReady,
      "# mode: cluster\napiVersion: v1\nkind: Node\nmetadata: {name: node-1}\nspec:\n  unschedulable: true\n"
      "  taints: [{key: node.kubernetes.io/unschedulable, effect: NoSchedule, timeAdded: \"2026-11-24T11:00:00Z\"}]\n"
      "status: {conditions: [{type: Ready, status: \"True\"}]}\n");
  EXPECT_EQ(outcome.verdict, Verdict::kPass);
  EXPECT_EQ(outcome.recheck.seconds, kNoon + 23 * 3600 + 1);
}

}  // namespace
}  // namespace seaworthy::checks
