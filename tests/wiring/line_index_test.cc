#include "wiring/line_index.h"

#include <gtest/gtest.h>

#include <string_view>
#include <utility>

#include "support/yaml.h"

namespace seaworthy::wiring {
namespace {

LineIndex Read(std::string_view yaml) {
  support::Tree tree;
  const Status status = support::ParseYaml(yaml, tree);
  EXPECT_TRUE(status.ok()) << status.message();
  return LineIndex(tree.root());
}

constexpr std::string_view kDeployment = R"(apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    app.kubernetes.io/name: web
    app: web
  managedFields:
  - manager: kubectl
spec:
  template:
    spec:
      hostNetwork: true
      containers:
      - name: app
        image: web:1
        env:
        - {name: A, value: x}
        -
          value: y
          name: B
      - image: proxy:1
        name: proxy
        securityContext: {runAsUser: 0, capabilities: {
          add: [NET_ADMIN]}}
      - image: nameless
      topologySpreadConstraints:
      - maxSkew: 1
      - maxSkew: 2
        topologyKey: zone
status:
  replicas: 1
)";

TEST(LineIndex, FindsWhatFindingsName) {
  const LineIndex index = Read(kDeployment);
  EXPECT_EQ(index.LineOf("spec"), 10U);
  EXPECT_EQ(index.LineOf("spec.template.spec.hostNetwork"), 13U);
  EXPECT_EQ(index.LineOf("spec.template.spec.containers"), 14U);
  EXPECT_EQ(index.LineOf("spec.template.spec.containers[name=app]"), 15U);
  EXPECT_EQ(index.LineOf("spec.template.spec.containers[name=app].image"), 16U);
  EXPECT_EQ(index.LineOf("spec.template.spec.containers[name=app].env[name=A].value"), 18U);
  EXPECT_EQ(index.LineOf("spec.template.spec.containers[name=app].env[name=B].value"), 20U);
  EXPECT_EQ(index.LineOf("spec.template.spec.containers[name=proxy]"), 22U);
  EXPECT_EQ(index.LineOf("spec.template.spec.containers[name=proxy].securityContext.capabilities.add"), 25U);
  EXPECT_EQ(index.LineOf("spec.template.spec.containers[1].image"), 22U);
  EXPECT_EQ(index.LineOf("spec.template.spec.containers[name=].image"), 26U);
  EXPECT_EQ(index.LineOf("spec.template.spec.topologySpreadConstraints[1].topologyKey"), 30U);
  EXPECT_EQ(index.LineOf("metadata.labels[app.kubernetes.io/name]"), 6U);
  EXPECT_EQ(index.LineOf("metadata.labels[app]"), 7U);
}

TEST(LineIndex, NamesTheDeepestFieldThatIsThere) {
  const LineIndex index = Read(kDeployment);
  EXPECT_EQ(index.LineOf("spec.template.spec.containers[name=app].readinessProbe.httpGet"), 15U);
  EXPECT_EQ(index.LineOf("spec.template.spec.containers[name=proxy].securityContext.privileged"), 24U);
  EXPECT_EQ(index.LineOf("spec.template.spec.containers[name=other].image"), 14U);
  EXPECT_EQ(index.LineOf("spec.template.spec.containers[7].image"), 14U);
  EXPECT_EQ(index.LineOf("spec.template.spec.containers.app.image"), 14U);
  EXPECT_EQ(index.LineOf("spec.replicas"), 10U);
  EXPECT_EQ(index.LineOf("metadata.labels[pod-security.kubernetes.io/enforce]"), 5U);
  EXPECT_EQ(index.LineOf("data.key"), 0U);
  EXPECT_EQ(index.LineOf(""), 0U);
  EXPECT_EQ(LineIndex().LineOf("spec"), 0U);
}

// Half of a live cluster's dump, and nothing that a finding of a scan points into.
TEST(LineIndex, HoldsNothingOfStatusAndManagedFields) {
  const LineIndex index = Read(kDeployment);
  EXPECT_EQ(index.LineOf("status.replicas"), 31U);
  EXPECT_EQ(index.LineOf("metadata.managedFields[0].manager"), 8U);
}

TEST(LineIndex, TakesNamesAsStrangersWriteThem) {
  const LineIndex index = Read("list:\n- name: a\n- name: 'x].y'\n  v: 1\n- name: 7\n  v: 2\n'a.b':\n  c: 1\n");
  EXPECT_EQ(index.LineOf("list[name=x].y].v"), 1U) << "reads as the element x, which is not there";
  EXPECT_EQ(index.LineOf("list[name=7].v"), 6U);
  EXPECT_EQ(index.LineOf("[a.b].c"), 8U);
  for (const char* path : {"[", "]", "[[", "..", ".", "list[", "list[name=", "list[name=a", "list[]", "list[-1]",
                           "list[99999999999]", "list]["}) {
    EXPECT_LE(index.LineOf(path), 8U) << path;
  }
}

TEST(LineIndex, LeadsThroughAliasesToWhereTheFieldIsWritten) {
  const LineIndex index = Read("defaults: &d\n  image: a\nspec:\n  one: *d\n  two:\n    <<: *d\n    tag: x\n");
  EXPECT_EQ(index.LineOf("spec.one"), 4U);
  EXPECT_EQ(index.LineOf("spec.one.image"), 2U);
  EXPECT_EQ(index.LineOf("spec.two.image"), 2U);
  EXPECT_EQ(index.LineOf("spec.two.tag"), 7U);
}

TEST(ManifestLines, TellsObjectsApart) {
  ManifestLines lines;
  lines.Add({0, 1}, Read("a: 1\nb: 2\n"));
  lines.Add({1, 1}, Read("\n\na: 1\n"));
  EXPECT_EQ(lines.LineOf({0, 1}, "b"), 2U);
  EXPECT_EQ(lines.LineOf({1, 1}, "a"), 3U);
  EXPECT_EQ(lines.LineOf({1, 1}, "b"), 1U);
  EXPECT_EQ(lines.LineOf({0, 1}, ""), 1U);
  EXPECT_EQ(lines.LineOf({2, 9}, "a"), 9U);
  // Two that begin in one line: rather a line too few than one of the other object.
  lines.Add({0, 1}, Read("\n\n\nb: 2\n"));
  EXPECT_EQ(lines.LineOf({0, 1}, "b"), 1U);
}

}  // namespace
}  // namespace seaworthy::wiring
