// Agreement with upstream's admission, over data that tests/checks/security/upstream/fetch.sh makes: its own example
// pods, and random pods that its own evaluator judged. SEAWORTHY_PSA_TESTDATA names the folder; without it the test is
// skipped, but fails in CI.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "cache/decode.h"
#include "checks/security/pod_security_standard.h"
#include "seaworthy/objects.h"
#include "support/yaml.h"

namespace seaworthy::checks {
namespace {

namespace fs = std::filesystem;

std::string ReadFile(const fs::path& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// Upstream's examples are Pods with their keys in order: what follows `kind:` is a pod template as it stands.
std::string AsDeployment(const std::string& pod) {
  std::istringstream lines(pod);
  std::string out =
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: example}\nspec:\n  selector: {}\n  template:\n";
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("apiVersion:") && !line.starts_with("kind:")) out += "    " + line + "\n";
  }
  return out;
}

class PodSecurityUpstream : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* folder = std::getenv("SEAWORTHY_PSA_TESTDATA");
    if (folder != nullptr && *folder != '\0') {
      folder_ = folder;
      return;
    }
    const char* hint = "set SEAWORTHY_PSA_TESTDATA=$(tests/checks/security/upstream/fetch.sh)";
    const char* ci = std::getenv("CI");
    if (ci != nullptr && std::string_view(ci) == "true") FAIL() << hint;
    GTEST_SKIP() << hint;
  }

  // Of a Pod or a Deployment; a failure is a level that nothing has.
  std::string_view Level(const support::Node& root) {
    const bool is_pod = root["kind"].text() == "Pod";
    const Result<ObjectPtr> object = decoder_->Decode(is_pod ? Kind::kPod : Kind::kDeployment, root);
    if (!object.ok()) {
      ADD_FAILURE() << object.status().message();
      return "unreadable";
    }
    std::vector<std::string> reasons;
    PodSecurityLevel level;
    if (is_pod) {
      const Pod& pod = static_cast<const Pod&>(**object);
      level = EvaluatePodSecurity(*pod.spec, pod.meta.annotations, &reasons);
    } else {
      const Workload& workload = static_cast<const Workload&>(**object);
      level = EvaluatePodSecurity(*workload.spec, workload.template_annotations, &reasons);
    }
    EXPECT_EQ(reasons.empty(), level == PodSecurityLevel::kRestricted)
        << "a level under restricted has reasons, and no other";
    return PodSecurityLevelName(level);
  }

  TextPool pool_;
  std::unique_ptr<ObjectDecoder> decoder_ = cache::MakeDecoder(pool_);
  fs::path folder_;
};

TEST_F(PodSecurityUpstream, JudgesItsExamplesAlike) {
  std::size_t judged = 0;
  support::Tree tree;
  for (const std::string level : {"baseline", "restricted"}) {
    for (const std::string verdict : {"pass", "fail"}) {
      const fs::path examples = folder_ / level / SEAWORTHY_POD_SECURITY_VERSION / verdict;
      ASSERT_TRUE(fs::is_directory(examples))
          << examples << ": is another version pinned than the one that is implemented?";
      for (const fs::directory_entry& entry : fs::directory_iterator(examples)) {
        const std::string pod = ReadFile(entry.path());
        for (const std::string& manifest : {pod, AsDeployment(pod)}) {
          ASSERT_TRUE(support::ParseYaml(manifest, tree).ok()) << entry.path();
          const std::string_view found = Level(tree.root());
          const bool meets = found == "restricted" || (found == "baseline" && level == "baseline");
          EXPECT_EQ(meets, verdict == "pass") << entry.path() << " is " << found << "\n" << manifest;
          ++judged;
        }
      }
    }
  }
  EXPECT_GE(judged, 2 * 148U) << "upstream 0.37 has 148 examples";
}

TEST_F(PodSecurityUpstream, JudgesRandomPodsAlike) {
  const std::string text = ReadFile(folder_ / "generated.yaml");
  support::YamlDocuments documents(text);
  support::Tree tree;
  std::size_t judged = 0;
  while (true) {
    const Result<bool> more = documents.Next(tree);
    ASSERT_TRUE(more.ok()) << more.status().message();
    if (!*more) break;
    const support::Node& metadata = tree.root()["metadata"];
    EXPECT_EQ(Level(tree.root()), metadata["labels"]["expected-level"].text())
        << tree.root()["kind"].text() << " " << metadata["name"].text() << " at line " << documents.document_line();
    ++judged;
  }
  EXPECT_GE(judged, 5000U);
}

}  // namespace
}  // namespace seaworthy::checks
