// The generated pages under docs/ are those of this build: `./dev refresh` writes them.
#include "wiring/reference.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace seaworthy::wiring {
namespace {

std::string Read(const std::string& path) {
  std::ifstream file(SEAWORTHY_SOURCE_DIR "/" + path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

void Compare(const std::string& path, const std::string& made) {
  if (std::getenv("SEAWORTHY_REFRESH") != nullptr)
    std::ofstream(SEAWORTHY_SOURCE_DIR "/" + path, std::ios::binary) << made;
  // Not EXPECT_EQ: it would print both.
  EXPECT_TRUE(Read(path) == made) << path << " is not what the code says: ./dev refresh, and read the diff";
}

TEST(Reference, Checks) { Compare("docs/checks.md", ChecksReference()); }
TEST(Reference, Metrics) { Compare("docs/metrics.md", MetricsReference()); }
TEST(Reference, CustomResources) {
  const Result<std::string> made = CrdReference(Read("manifests/crds.yaml"));
  ASSERT_TRUE(made.ok()) << made.status().message();
  Compare("docs/crd.md", *made);
}

}  // namespace
}  // namespace seaworthy::wiring
