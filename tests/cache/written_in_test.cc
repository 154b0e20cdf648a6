// In which API version an object was written last.
#include "cache/decoding.h"

namespace seaworthy::cache {
namespace {

class WrittenInTest : public DecodeTest {
 protected:
  std::string Of(std::string_view metadata) {
    const auto budget = Yaml<PodDisruptionBudget>(
        Kind::kPodDisruptionBudget,
        "metadata: {name: web, namespace: shop, " + std::string(metadata) + "}\nspec: {minAvailable: 1}\n");
    return budget == nullptr ? "?" : budget->meta.written_in.str();
  }
};

constexpr std::string_view kOld =
    R"({manager: kubectl, operation: Update, apiVersion: policy/v1beta1, time: "2022-01-01T00:00:00Z"})";
constexpr std::string_view kNew =
    R"({manager: helm, operation: Update, apiVersion: policy/v1, time: "2023-01-01T00:00:00Z"})";
constexpr std::string_view kApplied =
    R"(annotations: {kubectl.kubernetes.io/last-applied-configuration: '{"apiVersion":"policy/v1beta1"}'})";

std::string Managed(std::string_view a, std::string_view b = {}) {
  return "managedFields: [" + std::string(a) + (b.empty() ? "" : ", ") + std::string(b) + "]";
}

TEST_F(WrittenInTest, TheNewestEntryOfManagedFieldsCounts) {
  EXPECT_EQ(Of(Managed(kOld)), "policy/v1beta1");
  EXPECT_EQ(Of(Managed(kOld, kNew)), "");
  EXPECT_EQ(Of(Managed(kNew, kOld)), "") << "whatever the order";
  EXPECT_EQ(Of(Managed(R"({manager: x, apiVersion: policy/v1, time: "2021-01-01T00:00:00Z"})", kOld)),
            "policy/v1beta1");
}

TEST_F(WrittenInTest, ControllersAndSubresourcesDoNotCount) {
  EXPECT_EQ(
      Of(Managed(kOld, R"({manager: kube-controller-manager, apiVersion: policy/v1, time: "2026-01-01T00:00:00Z"})")),
      "policy/v1beta1");
  EXPECT_EQ(
      Of(Managed(kOld, R"({manager: x, subresource: status, apiVersion: policy/v1, time: "2026-01-01T00:00:00Z"})")),
      "policy/v1beta1");
  EXPECT_EQ(
      Of(Managed(kNew, R"({manager: ancient-changes, apiVersion: policy/v1beta1, time: "2026-01-01T00:00:00Z"})")), "");
}

TEST_F(WrittenInTest, TheAnnotationCountsWhereNobodyIsNamed) {
  EXPECT_EQ(Of(kApplied), "policy/v1beta1");
  EXPECT_EQ(Of(std::string(kApplied) + ", " + Managed(kNew)), "");
  EXPECT_EQ(Of("labels: {a: b}"), "");
}

TEST_F(WrittenInTest, EveryVersionThatIsReadIsFine) {
  const auto autoscaler = Yaml<HorizontalPodAutoscaler>(Kind::kHorizontalPodAutoscaler, R"(
metadata: {name: web, namespace: shop, managedFields: [{manager: x, apiVersion: autoscaling/v1, time: "2026-01-01T00:00:00Z"}]}
spec: {maxReplicas: 3, scaleTargetRef: {kind: Deployment, name: web}}
)");
  ASSERT_NE(autoscaler, nullptr);
  EXPECT_EQ(autoscaler->meta.written_in, "");
}

}  // namespace
}  // namespace seaworthy::cache
