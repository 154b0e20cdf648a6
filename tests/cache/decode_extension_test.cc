// Extensions: what is kept of them, and how elements of lists are told apart.
#include <gmock/gmock.h>

#include "cache/decoding.h"
#include "seaworthy/extension.h"

namespace seaworthy::cache {
namespace {

using DecodeExtensionTest = DecodeTest;

TEST_F(DecodeExtensionTest, ValuesOfOneElementHaveTheSameNumbers) {
  const auto webhooks = Yaml<Extension>(Kind::kValidatingWebhookConfiguration, R"(
metadata: {name: policy}
webhooks:
- name: a
  rules:
  - {apiGroups: [""], operations: [UPDATE], resources: [pods, services]}
  - {apiGroups: [apps], operations: [CREATE, DELETE], resources: [deployments]}
- name: b
  rules:
  - {apiGroups: ["*"], operations: ["*"], resources: ["*"]}
  namespaceSelector: {matchLabels: {team: a}}
  matchConditions: [{name: x, expression: "true"}]
)");
  ASSERT_NE(webhooks, nullptr);
  // Who is asked about by the rule of `resource`.
  const auto beside = [&](std::string_view resource, std::string_view path) {
    std::string values;
    for (const Extension::Fact* of : webhooks->All("webhooks[].rules[].resources[]")) {
      if (of->value != resource) continue;
      for (const Extension::Fact* other : webhooks->All(path)) {
        if (other->outer == of->outer && other->middle == of->middle) values += other->value.str() + " ";
      }
    }
    return values;
  };
  EXPECT_EQ(beside("services", "webhooks[].rules[].operations[]"), "UPDATE ");
  EXPECT_EQ(beside("deployments", "webhooks[].rules[].operations[]"), "CREATE DELETE ");
  EXPECT_EQ(beside("deployments", "webhooks[].rules[].apiGroups[]"), "apps ");
  EXPECT_EQ(beside("*", "webhooks[].rules[].operations[]"), "* ");
  EXPECT_EQ(webhooks->SelectorAt("webhooks[].namespaceSelector{}", 0), nullptr);
  EXPECT_NE(webhooks->SelectorAt("webhooks[].namespaceSelector{}", 1), nullptr);
  EXPECT_TRUE(webhooks->Within(0, "webhooks[].matchConditions?").empty());
  EXPECT_FALSE(webhooks->Within(1, "webhooks[].matchConditions?").empty());
}

TEST_F(DecodeExtensionTest, TimesAreSecondsAndFalseIsAValue) {
  const auto backup = Yaml<Extension>(Kind::kVeleroBackup, R"(
metadata: {name: daily-1, namespace: velero}
spec: {defaultVolumesToFsBackup: false}
status: {phase: Completed, startTimestamp: "2026-11-24T12:00:00Z", expiration: soon}
)");
  ASSERT_NE(backup, nullptr);
  EXPECT_EQ(backup->IntAt("status.startTimestamp{time}").value_or(0), 1'795'521'600);
  EXPECT_FALSE(backup->Has("status.expiration{time}"));
  EXPECT_EQ(backup->First("spec.defaultVolumesToFsBackup"), "false");
}

TEST_F(DecodeExtensionTest, SaysTheSameWhateverIsNotKept) {
  const auto volume = [&](std::string_view status) {
    return Yaml<Extension>(
        Kind::kLonghornVolume,
        "metadata: {name: v, namespace: longhorn-system, resourceVersion: \"7\"}\nstatus: " + std::string(status));
  };
  const auto one = volume("{robustness: healthy, actualSize: 1}");
  EXPECT_TRUE(one->SaysTheSameAs(*volume("{robustness: healthy, actualSize: 2}")));
  EXPECT_FALSE(one->SaysTheSameAs(*volume("{robustness: degraded, actualSize: 1}")));
  EXPECT_FALSE(one->SaysTheSameAs(*volume("{robustness: healthy, conditions: [{type: Scheduled, status: \"True\"}]}")));
}

}  // namespace
}  // namespace seaworthy::cache
