#include "cache/runtime_memory.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "support/json.h"

namespace seaworthy::cache {
namespace {

class RuntimeMemoryTest : public testing::Test {
 protected:
  void Env(std::string_view name, std::string_view value) { finder_.CollectEnv(name, value); }
  void Args(std::string_view json) {
    const Status status = support::ParseJson(json, tree_);
    ASSERT_TRUE(status.ok()) << status.message();
    finder_.CollectCommand(CommandWords(support::Node(), tree_.root()));
  }
  // "where bytes percent_x100", joined by commas.
  std::string Facts() const {
    std::string text;
    for (const RuntimeMemory& fact : finder_.Finish()) {
      text += (text.empty() ? "" : ", ") + fact.where.str() + " " + std::to_string(fact.bytes) + " " +
              std::to_string(fact.percent_x100) + (fact.unresolved ? " unresolved" : "");
    }
    return text;
  }
  TextPool pool_;
  support::Tree tree_;
  RuntimeMemoryFinder finder_{pool_};
};

TEST_F(RuntimeMemoryTest, ReadsTheHeap) {
  Env("JAVA_OPTS", "-Xms256m -Xmx512m -Dx=y");
  EXPECT_EQ(Facts(), "env[JAVA_OPTS] -Xmx 536870912 0");
}

TEST_F(RuntimeMemoryTest, TakesTheLastOfOneSource) {
  Env("KAFKA_HEAP_OPTS", "-Xmx1G -Xmx2g");
  EXPECT_EQ(Facts(), "env[KAFKA_HEAP_OPTS] -Xmx 2147483648 0");
}

TEST_F(RuntimeMemoryTest, ObeysTheJvmsOrderOfSources) {
  Args(R"(["java","-Xmx3g","-jar","x.jar"])");
  Env("JAVA_TOOL_OPTIONS", "-Xmx1g");
  Env("JDK_JAVA_OPTIONS", "-Xmx2g");
  EXPECT_EQ(Facts(), "args[1] -Xmx 3221225472 0");
  Env("_JAVA_OPTIONS", "-Xmx4g");
  EXPECT_EQ(Facts(), "env[_JAVA_OPTIONS] -Xmx 4294967296 0");
}

TEST_F(RuntimeMemoryTest, LetsTheHeapWinOverTheShare) {
  Env("_JAVA_OPTIONS", "-XX:MaxRAMPercentage=75.5");
  EXPECT_EQ(Facts(), "env[_JAVA_OPTIONS] -XX:MaxRAMPercentage 0 7550");
  Env("JAVA_TOOL_OPTIONS", "-XX:MaxHeapSize=1048576");
  EXPECT_EQ(Facts(), "env[JAVA_TOOL_OPTIONS] -Xmx 1048576 0");
}

TEST_F(RuntimeMemoryTest, TakesAShareOfMaxRam) {
  Env("JAVA_OPTS", "-XX:MaxRAM=4g");
  EXPECT_EQ(Facts(), "env[JAVA_OPTS] -XX:MaxRAM 1073740000 0");  // a quarter, but for the rounding
  Env("CATALINA_OPTS", "-XX:MaxRAMFraction=2");
  EXPECT_EQ(Facts(), "env[JAVA_OPTS] -XX:MaxRAM 2147480000 0");
}

TEST_F(RuntimeMemoryTest, ReadsGoAndNode) {
  Env("GOMEMLIMIT", "750MiB");
  Env("NODE_OPTIONS", "--max-old-space-size=4096");
  EXPECT_EQ(Facts(), "env[GOMEMLIMIT] 786432000 0, env[NODE_OPTIONS] --max-old-space-size 4294967296 0");
  Args(R"(["node","--max-old-space-size","2048","app.js"])");
  EXPECT_EQ(Facts(), "env[GOMEMLIMIT] 786432000 0, args[1] --max-old-space-size 2147483648 0");
}

TEST_F(RuntimeMemoryTest, IgnoresWhatItCannotRead) {
  Env("GOMEMLIMIT", "off");
  Env("GOMEMLIMIT", "-5MiB");
  Env("JAVA_OPTS", "-Xmx -XX:MaxRAMPercentage=many -XX:MaxRAMPercentage=250 -Xmx99999999999g -Xmx-5m");
  Env("NODE_OPTIONS", "--max-old-space-size=0 --max-old-space-sized=7");
  Args(R"(["--max-connections=5","-Xms1g"])");
  EXPECT_EQ(Facts(), "");
}

TEST_F(RuntimeMemoryTest, TellsWhatRefersToSomethingElse) {
  Env("JAVA_OPTS", "-Xmx1g -Xmx$(HEAP)");
  Env("GOMEMLIMIT", "$(LIMIT)");
  Args(R"(["sh","-c","node --max-old-space-size ${SIZE} app.js"])");
  EXPECT_EQ(Facts(),
            "env[JAVA_OPTS] -Xmx 0 0 unresolved, env[GOMEMLIMIT] 0 0 unresolved, args[2] --max-old-space-size 0 0 "
            "unresolved");
}

TEST_F(RuntimeMemoryTest, DoesNotKnowAShareOfWhatItDoesNotKnow) {
  Env("JAVA_OPTS", "-XX:MaxRAM=4g -XX:MaxRAMPercentage=`share`");
  EXPECT_EQ(Facts(), "env[JAVA_OPTS] -XX:MaxRAM 0 0 unresolved");
}

TEST(RuntimeMemorySizes, AreReadAsTheRuntimesDo) {
  EXPECT_EQ(ParseJvmSize("1024"), 1024);
  EXPECT_EQ(ParseJvmSize("1k"), 1024);
  EXPECT_EQ(ParseJvmSize("1T"), std::int64_t{1} << 40);
  EXPECT_EQ(ParseJvmSize("1.5g"), std::nullopt);
  EXPECT_EQ(ParseJvmSize("g"), std::nullopt);
  EXPECT_EQ(ParseJvmSize(""), std::nullopt);
  EXPECT_EQ(ParseGoSize("100"), 100);
  EXPECT_EQ(ParseGoSize("100B"), 100);
  EXPECT_EQ(ParseGoSize("2TiB"), std::int64_t{2} << 40);
  EXPECT_EQ(ParseGoSize("2GB"), std::nullopt);
  EXPECT_EQ(ParseGoSize("B"), std::nullopt);
}

}  // namespace
}  // namespace seaworthy::cache
