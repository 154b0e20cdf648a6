// Custom checks of policies: what they say, when they are judged, and what becomes of what was decided when a policy
// changes.
#include "score/custom.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cache/custom_facts.h"
#include "score/engine_rig.h"
#include "support/gzip.h"
#include "support/json.h"

namespace seaworthy::score {
namespace {

using cache::Manifest;
using cache::World;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::string Deployment(const std::string& name, const std::string& labels, int version, const std::string& rest = "") {
  return Manifest("apps/v1", "Deployment",
                  "name: " + name +
                      ", namespace: shop, uid: 00000000-0000-0000-0000-0000000000a1, resourceVersion: \"" +
                      std::to_string(version) + "\", labels: {" + labels + "}",
                  "spec:\n  replicas: 2\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: "
                  "{app: web}}\n    spec:\n      containers:\n      - name: app\n        image: web:1\n        env:\n  "
                  "      - {name: MODE, value: debug}\n" +
                      rest);
}

std::string NamespaceOf(const std::string& labels, int version) {
  return Manifest("v1", "Namespace",
                  "name: shop, uid: 00000000-0000-0000-0000-0000000000b1, resourceVersion: \"" +
                      std::to_string(version) + "\", labels: {" + labels + "}");
}

std::string Custom(const std::string& id, const std::string& kinds, const std::string& expression,
                   const std::string& rest = "") {
  return "  - id: " + id + "\n    severity: high\n    section: namespaces\n    kinds: [" + kinds +
         "]\n    message: not as we want it\n    fix: mend it\n    expression: \"" + expression + "\"\n" + rest;
}

std::string PolicyOf(const std::string& customs, const std::string& name = "main", const std::string& rest = "") {
  return Manifest("audit.seaworthy.dev/v1alpha1", "AuditPolicy", "name: " + name,
                  "spec:\n" + rest + "  customChecks:\n" + customs);
}

struct CustomRig : EngineRig {
  CustomRig() : EngineRig({}) {
    Flow();
    Work();
  }
  // As wiring does it: decoders learn the rules, and what they are about is listed again.
  void Policy(const std::string& yaml, const std::vector<std::string>& listed = {}) {
    Apply(yaml);
    engine.RefreshPolicies();
    Relist(listed);
    Work();
  }
  void Relist(const std::vector<std::string>& listed) {
    rig.decoder->Use(engine.custom_rules());
    for (const std::string& yaml : listed) Apply(yaml);
  }
  Verdict Of(const std::string& subject, const std::string& id = "custom-team") {
    const auto& verdicts = Told(subject).verdicts;
    const auto found = verdicts.find(id);
    return found == verdicts.end() ? Verdict::kCount : found->second;
  }
  std::string Why(const std::string& subject, const std::string& id = "custom-team") {
    return sink.reports[subject].messages[id];
  }
  std::vector<std::string> Problems(const std::string& policy = "main") {
    const auto& statuses = engine.policy().statuses();
    const auto found = statuses.find(policy);
    return found == statuses.end() ? std::vector<std::string>() : found->second.problems;
  }
};

constexpr const char* kTeam = "has(object.metadata.labels) && 'team' in object.metadata.labels";

TEST(CustomCheck, IsACheckLikeAnyOther) {
  CustomRig rig;
  rig.Policy(PolicyOf(Custom("custom-team", "Deployment", kTeam)));
  rig.Relist({Deployment("web", "team: pay", 1), Deployment("api", "", 1)});
  rig.Work();
  EXPECT_THAT(rig.Problems(), IsEmpty());
  EXPECT_EQ(rig.Of("web"), Verdict::kPass);
  EXPECT_EQ(rig.Told("web").score, 100);
  EXPECT_EQ(rig.Of("api"), Verdict::kFail);
  EXPECT_EQ(rig.Why("api"), "not as we want it");
  EXPECT_EQ(rig.Told("api").score, 0);
  // A change of the object is judged as it passes.
  rig.Apply(Deployment("api", "team: pay", 2));
  rig.Work();
  EXPECT_EQ(rig.Of("api"), Verdict::kPass);
}

TEST(CustomCheck, AppliesToItsKindsOnly) {
  CustomRig rig;
  rig.Policy(PolicyOf(Custom("custom-team", "StatefulSet, DaemonSet", kTeam)), {Deployment("web", "", 1)});
  EXPECT_EQ(rig.Of("web"), Verdict::kNa);
  EXPECT_EQ(rig.Why("web"), "does not apply to a Deployment");
}

TEST(CustomCheck, OtherSubjectsHaveTheirOwn) {
  CustomRig rig;
  rig.Policy(
      PolicyOf(Custom("custom-team", "Namespace", kTeam) +
               Custom("custom-zone", "Node", "'zone' in object.metadata.labels")),
      {NamespaceOf("team: pay", 1), Manifest("v1", "Node", "name: n1, labels: {zone: a}, resourceVersion: \"1\"")});
  EXPECT_EQ(rig.Of("ns shop"), Verdict::kPass);
  EXPECT_EQ(rig.Of("node n1", "custom-zone"), Verdict::kPass);
  rig.Apply(NamespaceOf("", 2));
  rig.Work();
  EXPECT_EQ(rig.Of("ns shop"), Verdict::kFail);
}

TEST(CustomCheck, AnErrorIsUnknownAndCounted) {
  CustomRig rig;
  rig.Policy(PolicyOf(Custom("custom-team", "Deployment", "object.metadata.labels['team'] != ''")),
             {Deployment("web", "", 1), Deployment("api", "team: pay", 1)});
  EXPECT_EQ(rig.Of("web"), Verdict::kUnknown);
  EXPECT_THAT(rig.Why("web"), HasSubstr("the expression failed: no such key"));
  EXPECT_EQ(rig.Of("api"), Verdict::kPass);
  EXPECT_EQ(rig.engine.CustomErrors()["main"]["custom-team"], 1U);
}

TEST(CustomCheck, WhatDoesNotCompileIsAProblemOfItsPolicyAndNoCheck) {
  CustomRig rig;
  rig.Policy(
      PolicyOf(Custom("custom-a", "Deployment", "object.spec.replicas > least") + Custom("custom-b", "Pod", "true") +
               Custom("custom-c", "Deployment, Namespace", "true") + Custom("team", "Deployment", "true") +
               Custom("custom-d", "Node", "has(namespaceObject.metadata)") +
               Custom("custom-e", "Deployment", "object.metadata.name") + Custom("custom-team", "Deployment", kTeam)),
      {Deployment("web", "", 1)});
  EXPECT_EQ(rig.Of("web"), Verdict::kFail);
  EXPECT_EQ(rig.engine.checks().size(), 1U);
  EXPECT_THAT(
      rig.Problems(),
      ElementsAre(
          "customChecks[0].expression: 1:24: undeclared reference to 'least'",
          "customChecks[1].kinds[0]: \"Pod\" is none of Deployment, StatefulSet, DaemonSet, CronJob, ReplicaSet, Node, "
          "Namespace, PodDisruptionBudget",
          "customChecks[2].kinds[1]: Namespace is another sort of subject than Deployment: make it a check of its own",
          "customChecks[3].id: \"team\" does not begin with custom-",
          "customChecks[4].expression: a Node has no namespaceObject",
          HasSubstr("customChecks[5].expression: must evaluate to bool")));
}

TEST(CustomCheck, ParamsAreThePolicys) {
  CustomRig rig;
  const std::string check = Custom("custom-team", "Deployment", "object.spec.replicas >= params.least");
  rig.Policy(PolicyOf(check + "    params: {least: 2}\n"), {Deployment("web", "", 1)});
  EXPECT_EQ(rig.Of("web"), Verdict::kPass);
  rig.Policy(PolicyOf(check + "    params: {least: 3}\n"));
  EXPECT_EQ(rig.Of("web"), Verdict::kUnknown) << "the old verdict says nothing of the new parameter";
  EXPECT_EQ(rig.Why("web"), "not judged yet: the objects are being listed again");
  rig.Relist({Deployment("web", "", 1)});
  rig.Work();
  EXPECT_EQ(rig.Of("web"), Verdict::kFail) << "the same resourceVersion, judged anew";
}

TEST(CustomCheck, TheNamespaceMayChangeAlone) {
  CustomRig rig;
  const std::string expression =
      "namespaceObject.metadata.labels[?'tier'].orValue('') != 'critical' || object.spec.replicas > 2";
  rig.Policy(PolicyOf(Custom("custom-team", "Deployment", expression)), {Deployment("web", "", 1), NamespaceOf("", 1)});
  EXPECT_EQ(rig.Of("web"), Verdict::kPass);
  rig.Apply(NamespaceOf("tier: critical", 2));
  rig.Work();
  EXPECT_EQ(rig.Of("web"), Verdict::kFail);
  rig.Apply(Deployment("web", "", 2, "  replicas2: 1\n"));
  rig.Work();
  EXPECT_EQ(rig.Of("web"), Verdict::kFail);
  EXPECT_THAT(rig.engine.undeclared_reads(), IsEmpty());
  rig.Delete(NamespaceOf("tier: critical", 3));
  rig.Work();
  EXPECT_EQ(rig.Of("web"), Verdict::kUnknown);
}

TEST(CustomCheck, WhatIsKeptForTheNamespaceHoldsNoCredentials) {
  CustomRig rig;
  const std::string secret =
      "        args: [\"--password=hunter2\"]\n        command: [\"sh\", \"-c\", \"TOKEN=hunter2 run\"]\n";
  rig.Policy(PolicyOf(Custom("custom-team", "Deployment",
                             "namespaceObject.metadata.name == 'shop' && object.spec.template.spec.containers.all(c, "
                             "c.env.all(e, e.value != 'debug'))")),
             {NamespaceOf("", 1), Deployment("web", "", 1, secret)});
  EXPECT_EQ(rig.Of("web"), Verdict::kUnknown);
  EXPECT_THAT(rig.Why("web"), HasSubstr("it reads a value that is not kept"));
  const Object* web = rig.rig.world.Find(Kind::kDeployment, {rig.rig.pool.Intern("shop"), rig.rig.pool.Intern("web")});
  const auto kept = support::GzipDecompress(CustomFactsOf(*web)->kept);
  ASSERT_TRUE(kept.has_value());
  EXPECT_THAT(*kept, HasSubstr("MODE"));
  for (const char* gone : {"debug", "hunter2", "TOKEN"}) EXPECT_THAT(*kept, Not(HasSubstr(gone)));
  // Without the namespace it is judged on the object itself, and nothing is kept.
  rig.Policy(PolicyOf(Custom("custom-team", "Deployment",
                             "object.spec.template.spec.containers.all(c, c.env.all(e, e.value != 'debug'))")),
             {Deployment("web", "", 1, secret)});
  EXPECT_EQ(rig.Of("web"), Verdict::kFail);
  EXPECT_THAT(CustomFactsOf(*web)->kept, IsEmpty());
}

TEST(CustomCheck, NothingStaysOfItWithoutAPolicy) {
  CustomRig rig;
  rig.Policy(PolicyOf(Custom("custom-team", "Deployment", kTeam)), {Deployment("web", "", 1)});
  EXPECT_EQ(rig.Of("web"), Verdict::kFail);
  rig.Delete(PolicyOf(Custom("custom-team", "Deployment", kTeam)));
  rig.Work();
  EXPECT_EQ(rig.Of("web"), Verdict::kCount);
  EXPECT_EQ(rig.engine.custom_rules(), nullptr);
  rig.Relist({Deployment("web", "", 1)});
  const Object* web = rig.rig.world.Find(Kind::kDeployment, {rig.rig.pool.Intern("shop"), rig.rig.pool.Intern("web")});
  EXPECT_EQ(CustomFactsOf(*web), nullptr);
}

TEST(CustomCheck, PoliciesMergeByIdAndMayGradeOrSwitchOffEachOthers) {
  CustomRig rig;
  rig.Policy(PolicyOf(Custom("custom-team", "Deployment", "false"), "a"), {Deployment("web", "", 1)});
  EXPECT_EQ(rig.Of("web"), Verdict::kFail);
  rig.Policy(PolicyOf(Custom("custom-team", "Deployment", "true"), "b"), {Deployment("web", "", 1)});
  EXPECT_EQ(rig.Of("web"), Verdict::kPass);
  EXPECT_THAT(rig.engine.policy().statuses().at("a").conflicts,
              ElementsAre("customChecks.custom-team: overridden by policy b"));
  rig.Policy(Manifest("audit.seaworthy.dev/v1alpha1", "AuditPolicy", "name: c", "spec: {disabled: [custom-team]}"));
  EXPECT_THAT(rig.Problems("c"), IsEmpty());
  EXPECT_EQ(rig.Of("web"), Verdict::kCount);
}

TEST(CustomCheck, OthersKeepWhatTheyDecidedWhenTheListChanges) {
  CustomRig rig;
  rig.Policy(PolicyOf(Custom("custom-team", "Deployment", kTeam)), {Deployment("web", "", 1)});
  const std::int64_t since = rig.sink.reports["web"].since["custom-team"];
  EXPECT_EQ(since, kNow);
  rig.Apply(PolicyOf(Custom("custom-a", "Deployment", "true") + Custom("custom-team", "Deployment", kTeam) +
                     Custom("custom-z", "Deployment", "false")));
  rig.engine.RefreshPolicies();
  rig.Work(kNow + 60);
  rig.Relist({Deployment("web", "", 1)});
  rig.Work(kNow + 60);
  EXPECT_EQ(rig.Of("web"), Verdict::kFail);
  EXPECT_EQ(rig.sink.reports["web"].since["custom-team"], since);
  EXPECT_EQ(rig.sink.reports["web"].since["custom-z"], kNow + 60);
  EXPECT_EQ(rig.Of("web", "custom-a"), Verdict::kPass);
}

TEST(CustomCheck, OnlyKindsWithNewRulesAreListedAgain) {
  CustomRig rig;
  rig.Policy(PolicyOf(Custom("custom-team", "Deployment", kTeam)));
  const CustomRulesPtr one = rig.engine.custom_rules();
  EXPECT_EQ(KindsToJudgeAgain(nullptr, one), KindSet{Kind::kDeployment});
  rig.Policy(PolicyOf(Custom("custom-team", "Deployment", kTeam)) + "  threshold: 70\n");
  EXPECT_EQ(rig.engine.custom_rules(), one) << "the same rules are the same object";
  rig.Policy(PolicyOf(Custom("custom-team", "Deployment", kTeam) +
                      Custom("custom-ns", "StatefulSet", "namespaceObject.metadata.name != ''")));
  const KindSet again = {Kind::kStatefulSet, Kind::kNamespace};
  EXPECT_EQ(KindsToJudgeAgain(one, rig.engine.custom_rules()), again);
  EXPECT_EQ(KindsToJudgeAgain(rig.engine.custom_rules(), one), KindSet());
}

TEST(CustomCheck, EvidenceFindsItAfterARestart) {
  CustomRig before;
  before.Policy(PolicyOf(Custom("custom-team", "Deployment", kTeam)), {Deployment("web", "", 1)});
  const SubjectEvidence evidence = before.engine.Evidence(before.rig.Find("Deployment", "web")->subject);
  EngineRig after({});
  after.Apply(PolicyOf(Custom("custom-team", "Deployment", kTeam)));
  after.engine.RefreshPolicies();
  after.rig.decoder->Use(after.engine.custom_rules());
  after.Apply(Deployment("web", "", 1));
  after.engine.Restore(after.rig.Find("Deployment", "web")->subject, evidence);
  after.Work(kNow + 3600);
  EXPECT_EQ(after.sink.reports["web"].since["custom-team"], kNow);
}

TEST(KeptJson, IsTheObjectLessWhatMayBeACredential) {
  support::Tree tree;
  ASSERT_TRUE(
      support::ParseJson(
          R"({"metadata":{"name":"web","managedFields":[{"manager":"m"}],"annotations":{"a":"b","kubectl.kubernetes.io/last-applied-configuration":"{}",
    "db-password":"Tr0ub4dor&3x"}},"spec":{"n":1,"x":1.50,"e":1e3,"neg":-2,"t":true,"z":null,"env":[{"name":"A","value":"v","valueFrom":{"secretKeyRef":{"key":"value"}}}],"args":["--a"]}})",
          tree)
          .ok());
  const std::string kept = cache::KeptJson(tree.root());
  support::Tree again;
  ASSERT_TRUE(support::ParseJson(kept, again).ok()) << kept;
  EXPECT_FALSE(again.root()["metadata"]["managedFields"].present());
  EXPECT_EQ(again.root()["metadata"]["annotations"]["a"].text(), "b");
  EXPECT_EQ(again.root()["spec"]["x"].text(), "1.50");
  EXPECT_EQ(again.root()["spec"]["e"].text(), "1e3");
  EXPECT_EQ(again.root()["spec"]["neg"].Int(), -2);
  EXPECT_EQ(again.root()["spec"]["env"].begin().operator*()["valueFrom"]["secretKeyRef"]["key"].text(), "value");
  for (const char* gone : {"\"v\"", "Tr0ub4dor", "{}", "--a"}) EXPECT_THAT(kept, Not(HasSubstr(gone)));
}

}  // namespace
}  // namespace seaworthy::score
