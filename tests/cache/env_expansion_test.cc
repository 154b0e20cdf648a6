#include "cache/env_expansion.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "support/json.h"

namespace seaworthy::cache {
namespace {

class EnvExpansionTest : public testing::Test {
 protected:
  std::string Expand(std::string_view env, std::string_view text, std::size_t count = EnvExpansion::kAll) {
    const Status status = support::ParseJson(env, tree_);
    EXPECT_TRUE(status.ok()) << status.message();
    return EnvExpansion(tree_.root(), container_).Expand(text, count);
  }
  support::Tree tree_;
  Container container_;
};

TEST_F(EnvExpansionTest, DoesAsTheKubelet) {
  constexpr std::string_view kEnv =
      R"j([{"name":"A","value":"1"},{"name":"B","value":"$(A)2$(C)"},{"name":"C","value":"3"},{"name":"E"}])j";
  EXPECT_EQ(Expand(kEnv, "-Xmx$(A)g"), "-Xmx1g");
  EXPECT_EQ(Expand(kEnv, "$(B)"), "12$(C)");  // B does not see what comes after it
  EXPECT_EQ(Expand(kEnv, "$(C)$(A)", 2), "$(C)1");
  EXPECT_EQ(Expand(kEnv, "[$(E)]"), "[]");
  EXPECT_EQ(Expand(kEnv, "$(NONE) $A ${A} $( $(A"), "$(NONE) $A ${A} $( $(A");
  EXPECT_EQ(Expand(kEnv, "$$(A) $$$(A) $$ $"), "$(A) $1 $ $");
  EXPECT_EQ(Expand(R"j([{"name":"A","value":"1"},{"name":"A","value":"$(A)0"}])j", "$(A)"), "10");
}

TEST_F(EnvExpansionTest, KnowsTheContainersOwnMemory) {
  container_.resources.edit().limits.memory_bytes = (std::int64_t{1} << 30) + 1;
  const auto value = [&](std::string_view reference) {
    return Expand(R"([{"name":"A","valueFrom":{"resourceFieldRef":)" + std::string(reference) + "}}]", "$(A)");
  };
  EXPECT_EQ(value(R"({"resource":"limits.memory"})"), "1073741825");
  EXPECT_EQ(value(R"({"resource":"limits.memory","divisor":"0"})"), "1073741825");
  EXPECT_EQ(value(R"({"resource":"limits.memory","divisor":"1Mi"})"), "1025");
  EXPECT_EQ(value(R"({"resource":"requests.memory"})"), "1073741825");
  EXPECT_EQ(value(R"({"resource":"limits.memory","divisor":"x"})"), "$(A)");
  EXPECT_EQ(value(R"({"resource":"limits.memory","containerName":"other"})"), "$(A)");
  EXPECT_EQ(value(R"({"resource":"limits.cpu"})"), "$(A)");
  EXPECT_EQ(Expand(R"([{"name":"A","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}}])", "$(A)"), "$(A)");
}

// The manifest is a stranger's: neither values that grow with each step nor many references may take long.
TEST_F(EnvExpansionTest, IsBounded) {
  std::string env = R"([{"name":"V0","value":"xxxxxxxx"})";
  for (int i = 1; i < 1000; ++i) {
    const std::string before = "$(V" + std::to_string(i - 1) + ")";
    env += R"(,{"name":"V)" + std::to_string(i) + R"(","value":")" + before + before + "\"}";
  }
  EXPECT_LT(Expand(env + "]", "$(V999)").size(), 100U);
  std::string many;
  for (int i = 0; i < 100'000; ++i) many += "$(V999";
  EXPECT_EQ(Expand(env + "]", many), many);
}

}  // namespace
}  // namespace seaworthy::cache
