// The rules about what people write against the CRDs that they repeat.
#include "cache/people_rules.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "support/json.h"
#include "support/yaml.h"

namespace seaworthy::cache {
namespace {

using support::Node;

// A value that the schema takes, with every property of an object; but for the one at `without`.
std::string Sample(const Node& schema, const std::string& path, const std::string& without) {
  const std::string_view type = schema["type"].text();
  if (type == "boolean") return "true";
  if (type == "integer" || type == "number")
    return schema["minimum"].present() ? std::string(schema["minimum"].text()) : "1";
  if (type == "array") return "[" + Sample(schema["items"], path + "[0]", without) + "]";
  if (type == "object") {
    if (const Node& values = schema["additionalProperties"]; values.present())
      return R"({"a":)" + Sample(values, path + ".a", without) + "}";
    std::string members;
    for (const Node& property : schema["properties"]) {
      const std::string own = path + "." + std::string(property.key());
      if (own == without) continue;
      members +=
          (members.empty() ? "\"" : ",\"") + std::string(property.key()) + "\":" + Sample(property, own, without);
    }
    return "{" + members + "}";
  }
  if (schema["pattern"].text().find("[hd]") != std::string_view::npos || path.ends_with(".validFor")) return "\"90d\"";
  if (path.ends_with(".evidence")) return "\"https://example.com/report\"";
  if (path.ends_with(".forImage")) return "\"sha256:" + std::string(64, 'a') + "\"";
  return "\"x\"";
}

Refusals Judge(Kind kind, const std::string& json) {
  support::Tree tree;
  EXPECT_TRUE(support::ParseJson(json, tree).ok()) << json;
  return RefusedByCrd(kind, tree.root());
}

void Required(const Node& schema, const std::string& path, std::vector<std::string>& out) {
  for (const Node& name : schema["required"]) out.push_back(path + "." + std::string(name.text()));
}

// Calls `visit(kind, schema of the spec)` for each kind of people's.
template <typename Visit>
void EachSchema(const Visit& visit) {
  std::ifstream file(SEAWORTHY_SOURCE_DIR "/manifests/crds.yaml");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  int seen = 0;
  support::YamlDocuments documents(text);
  support::Tree tree;
  for (Result<bool> next = documents.Next(tree); next.ok() && *next; next = documents.Next(tree)) {
    const Node& spec = tree.root()["spec"];
    const auto kind = FindKind("audit.seaworthy.dev/v1alpha1", spec["names"]["kind"].text());
    if (!kind || *kind == Kind::kWorkloadAudit || *kind == Kind::kNamespaceAudit || *kind == Kind::kClusterAudit)
      continue;
    for (const Node& version : spec["versions"]) {
      visit(*kind, version["schema"]["openAPIV3Schema"]["properties"]["spec"]);
      ++seen;
    }
  }
  EXPECT_EQ(seen, 5);
}

TEST(PeopleRules, KnowEveryFieldOfTheCrds) {
  EachSchema([](Kind kind, const Node& schema) {
    const std::string all = Sample(schema, "spec", "");
    EXPECT_EQ(Judge(kind, all), Refusals()) << Info(kind).name << " " << all;
  });
}

TEST(PeopleRules, MissWhatTheCrdsRequire) {
  EachSchema([](Kind kind, const Node& schema) {
    std::vector<std::string> required;
    Required(schema, "spec", required);
    Required(schema["properties"]["workloads"]["items"], "spec.workloads[0]", required);
    Required(schema["properties"]["tiers"]["items"], "spec.tiers[0]", required);
    for (const std::string& field : required) {
      const Refusals refusals = Judge(kind, Sample(schema, "spec", field));
      EXPECT_EQ(refusals, Refusals{field + ": missing"}) << Info(kind).name << " without " << field;
    }
  });
}

TEST(PeopleRules, RefuseWhatIsNoFieldAndWhatIsOutOfBounds) {
  constexpr std::string_view kSaid =
      R"("checks":["load-test"],"by":"ann","performedAt":"2026-11-01T00:00:00Z","workloads":[])";
  for (const std::string field : {"workload", "namespaces"})
    EXPECT_EQ(Judge(Kind::kAttestation, "{\"" + field + "\":[]," + std::string(kSaid) + "}"),
              Refusals{"spec." + field + ": there is no such field"});
  EXPECT_EQ(Judge(Kind::kAuditPolicy, R"({"alow":{},"threshold":200,"coverageFloor":0.5,"waiverMaxDays":"7"})"),
            (Refusals{"spec.alow: there is no such field", "spec.threshold: 200; want 0 to 100",
                      "spec.waiverMaxDays: not an integer"}));
  EXPECT_EQ(Judge(Kind::kAttestation,
                  R"({"checks":["load-test"],"by":"ann","performedAt":"2026-11-01T00:00:00Z","selector":{}})"),
            (Refusals{"spec.selector: an empty selector would select everything; leave it out instead"}));
}

}  // namespace
}  // namespace seaworthy::cache
