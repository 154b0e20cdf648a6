// What must not be in the repository.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace {

namespace fs = std::filesystem;

template <typename Fn>
void EachLine(Fn fn) {
  const fs::path root(SEAWORTHY_SOURCE_DIR);
  for (const char* folder :
       {"include", "src", "tests", "cmake", "docs", "manifests", "charts", "dashboards", "samples"}) {
    if (!fs::exists(root / folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      if (!entry.is_regular_file() || entry.path().filename() == "hygiene_test.cc") continue;
      std::ifstream in(entry.path());
      int number = 0;
      for (std::string line; std::getline(in, line);) fn(entry.path(), ++number, line);
    }
  }
}

// RELIABILITY: a list at resourceVersion=0 may answer with any old state, so that caches travel back in time
// (kubernetes #59848).
TEST(Hygiene, NoListAtResourceVersionZero) {
  EachLine([](const fs::path& file, int number, const std::string& line) {
    if (file.string().find("/src/") == std::string::npos) return;
    EXPECT_EQ(line.find("resourceVersion=0"), std::string::npos) << file << ":" << number;
  });
}

TEST(Hygiene, NoStdRegex) {
  EachLine([](const fs::path& file, int number, const std::string& line) {
    if (file.string().find("/src/") == std::string::npos && file.string().find("/include/") == std::string::npos)
      return;
    EXPECT_EQ(line.find("#include <regex>"), std::string::npos)
        << file << ":" << number << ": recursive, its stack and time blow up";
  });
}

TEST(Hygiene, TodosNameAnIssue) {
  EachLine([](const fs::path& file, int number, const std::string& line) {
    const std::size_t at = line.find("// TODO");
    if (at != std::string::npos) EXPECT_EQ(line.compare(at, 9, "// TODO(#"), 0) << file << ":" << number;
  });
}

}  // namespace
