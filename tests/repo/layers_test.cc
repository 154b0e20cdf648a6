// The one way through the house: a stage includes include/seaworthy, src/support and itself; only wiring sees them all.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>

namespace {

namespace fs = std::filesystem;

const std::map<std::string, std::set<std::string>> kMayInclude = {
    {"api", {"seaworthy", "support", "api"}},
    {"cache", {"seaworthy", "support", "cache"}},
    {"checks", {"seaworthy", "support", "checks"}},
    {"score", {"seaworthy", "support", "score"}},
    {"sinks", {"seaworthy", "support", "sinks"}},
    {"support", {"seaworthy", "support"}},
    {"vocabulary", {"seaworthy", "support", "vocabulary"}},
    {"wiring", {"seaworthy", "support", "api", "cache", "checks", "score", "sinks", "wiring"}},
};
// `support` has no domain words: of include/seaworthy it knows results and clocks only.
const std::set<std::string> kForSupport = {"seaworthy/result.h", "seaworthy/clock.h"};

template <typename Fn>
void EachInclude(const fs::path& root, Fn fn) {
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    const std::string extension = entry.path().extension();
    if (extension != ".h" && extension != ".cc") continue;
    std::ifstream in(entry.path());
    for (std::string line; std::getline(in, line);) {
      if (!line.starts_with("#include \"")) continue;
      fn(entry.path(), line.substr(10, line.find('"', 10) - 10));
    }
  }
}

TEST(Layers, AStageIncludesOnlyWhatItMay) {
  const fs::path src = fs::path(SEAWORTHY_SOURCE_DIR) / "src";
  int seen = 0;
  EachInclude(src, [&](const fs::path& file, const std::string& included) {
    ++seen;
    const std::string stage = fs::relative(file, src).begin()->string();
    ASSERT_TRUE(kMayInclude.contains(stage)) << "a stage that this test does not know: " << stage;
    const std::string from = included.substr(0, included.find('/'));
    EXPECT_TRUE(kMayInclude.at(stage).contains(from)) << file << " includes " << included;
    if (stage == "support" && from == "seaworthy")
      EXPECT_TRUE(kForSupport.contains(included)) << file << " includes " << included;
  });
  EXPECT_GT(seen, 100);
}

TEST(Layers, SharedWordsKnowNoStage) {
  EachInclude(fs::path(SEAWORTHY_SOURCE_DIR) / "include", [&](const fs::path& file, const std::string& included) {
    EXPECT_TRUE(included.starts_with("seaworthy/")) << file << " includes " << included;
  });
}

TEST(Layers, TheHttpLibraryStaysInOneFile) {
  const fs::path src = fs::path(SEAWORTHY_SOURCE_DIR) / "src";
  for (const auto& entry : fs::recursive_directory_iterator(src)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path());
    for (std::string line; std::getline(in, line);) {
      if (line.starts_with("#include <cpprest/"))
        EXPECT_EQ(fs::relative(entry.path(), src).string(), "api/transport.cc");
    }
  }
}

}  // namespace
