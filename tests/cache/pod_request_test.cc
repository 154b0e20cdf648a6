#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "cache/decoding.h"

namespace seaworthy::cache {
namespace {

class PodRequestTest : public DecodeTest {
 protected:
  PodRequest Of(std::string_view spec) {
    const auto pod = Yaml<Pod>(Kind::kPod, "{metadata: {name: a}, spec: " + std::string(spec) + "}");
    return pod == nullptr ? PodRequest() : EffectiveRequest(*pod->spec);
  }
  std::int64_t Cpu(std::string_view spec) { return Of(spec).cpu_milli; }
};

// The examples of KEP-753, "Resources calculation for scheduling and pod admission".
TEST_F(PodRequestTest, SumsContainersAndSidecars) {
  EXPECT_EQ(Cpu("{containers: [{resources: {requests: {cpu: 1}}}, {resources: {requests: {cpu: 500m}}}]}"), 1500);
  EXPECT_EQ(Cpu("{initContainers: [{restartPolicy: Always, resources: {requests: {cpu: 2}}}], containers: [{resources: "
                "{requests: {cpu: 1}}}]}"),
            3000);
}

TEST_F(PodRequestTest, TakesTheLargestInitContainer) {
  EXPECT_EQ(Cpu("{initContainers: [{resources: {requests: {cpu: 5}}}, {resources: {requests: {cpu: 2}}}], containers: "
                "[{resources: {requests: {cpu: 1}}}]}"),
            5000);
  EXPECT_EQ(
      Cpu("{initContainers: [{resources: {requests: {cpu: 1}}}], containers: [{resources: {requests: {cpu: 3}}}]}"),
      3000);
}

TEST_F(PodRequestTest, AddsTheSidecarsThatWereStartedBefore) {
  // Init A runs beside sidecar 1 only, init B beside both.
  EXPECT_EQ(
      Cpu(R"({initContainers: [{restartPolicy: Always, resources: {requests: {cpu: 1}}}, {resources: {requests: {cpu: 5}}},
                                     {restartPolicy: Always, resources: {requests: {cpu: 2}}}, {resources: {requests: {cpu: 4}}}],
                    containers: [{resources: {requests: {cpu: 1}}}]})"),
      7000);
  EXPECT_EQ(
      Cpu(R"({initContainers: [{resources: {requests: {cpu: 5}}}, {restartPolicy: Always, resources: {requests: {cpu: 1}}}],
                    containers: [{resources: {requests: {cpu: 1}}}]})"),
      5000);
}

TEST_F(PodRequestTest, LetsLimitsStandIn) {
  const PodRequest request = Of("{containers: [{resources: {limits: {cpu: 2, memory: 1Gi}, requests: {cpu: 1}}}]}");
  EXPECT_EQ(request.cpu_milli, 1000);
  EXPECT_EQ(request.memory_bytes, 1 << 30);
  EXPECT_FALSE(request.invalid);
}

TEST_F(PodRequestTest, LetsThePodLevelWinAndAddsOverhead) {
  EXPECT_EQ(
      Cpu("{resources: {requests: {cpu: 4}}, overhead: {cpu: 250m}, containers: [{resources: {requests: {cpu: 1}}}]}"),
      4250);
  EXPECT_EQ(Cpu("{resources: {limits: {cpu: 4}}, containers: [{resources: {requests: {cpu: 1}}}]}"), 1000);
  EXPECT_EQ(Cpu("{resources: {limits: {cpu: 4}}, containers: [{}]}"), 4000);
}

TEST_F(PodRequestTest, CountsEphemeralStorageAndDevices) {
  const PodRequest request = Of(
      R"({initContainers: [{restartPolicy: Always, resources: {requests: {ephemeral-storage: 1Ki}, limits: {a.example/x: 1}}},
                              {resources: {requests: {ephemeral-storage: 8Ki}, limits: {a.example/x: 4, a.example/y: 1}}}],
             containers: [{resources: {limits: {ephemeral-storage: 4Ki, a.example/x: 2}}}]})");
  EXPECT_EQ(request.ephemeral_bytes, 9 * 1024);
  ASSERT_EQ(request.extended.size(), 2U);
  EXPECT_EQ(request.extended[0].name, "a.example/x");
  EXPECT_EQ(request.extended[0].amount, 5);
  EXPECT_EQ(request.extended[1].amount, 1);
}

TEST_F(PodRequestTest, SaysWhenItCannotTell) {
  EXPECT_TRUE(Of("{containers: [{resources: {requests: {cpu: lots}}}]}").invalid);
  EXPECT_FALSE(Of("{containers: [{resources: {requests: {cpu: 1}}}], ephemeralContainers: [{}]}").invalid);
  EXPECT_EQ(
      Of("{containers: [{resources: {requests: {memory: 7Ei}}}, {resources: {requests: {memory: 7Ei}}}]}").memory_bytes,
      std::numeric_limits<std::int64_t>::max());
}

TEST(IntOrPercent, RoundsLikeUpstream) {
  const auto percent = [](std::int32_t value) { return IntOrPercent{IntOrPercent::Form::kPercent, value}; };
  EXPECT_EQ(percent(25).Of(10, true), 3);
  EXPECT_EQ(percent(25).Of(10, false), 2);
  EXPECT_EQ(percent(100).Of(7, true), 7);
  EXPECT_EQ(percent(50).Of(0, true), 0);
  EXPECT_EQ(percent(-25).Of(10, true), -2);
  EXPECT_EQ(percent(-25).Of(10, false), -3);
  EXPECT_EQ((IntOrPercent{IntOrPercent::Form::kNumber, 4}).Of(10, true), 4);
  EXPECT_EQ(IntOrPercent().Of(10, true), 0);
  EXPECT_EQ(percent(25).ToString(), "25%");
  EXPECT_EQ((IntOrPercent{IntOrPercent::Form::kNumber, 4}).ToString(), "4");
}

TEST(WorkloadClassName, NamesThemAll) {
  for (int i = 0; i < static_cast<int>(WorkloadClass::kCount); ++i)
    EXPECT_FALSE(ClassName(static_cast<WorkloadClass>(i)).empty());
  EXPECT_EQ(ClassName(WorkloadClass::kStatefulSet), "StatefulSet");
}

}  // namespace
}  // namespace seaworthy::cache
