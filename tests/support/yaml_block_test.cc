// What is read without libyaml is what libyaml reads, line for line: the oracle is libyaml, the texts are all manifests
// of this repository, what sigs.k8s.io/yaml was asked, and thousands of changed ones.
#include "support/yaml_block.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/rng.h"
#include "support/tree_text.h"
#include "support/yaml_events.h"

namespace seaworthy::support {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = fs::path(SEAWORTHY_SOURCE_DIR);

// Whether it was read; the test fails where libyaml reads something else.
bool Read(const std::string& text) {
  Tree quick, slow;
  if (!ReadYamlBlock(text, 1, quick)) return false;
  const YamlProblem problem = ReadYamlEvents(text, 1, 1000, slow);
  EXPECT_EQ(problem.why, "") << text;
  EXPECT_EQ(TextWithLines(quick.root()), TextWithLines(slow.root())) << text;
  return true;
}

std::vector<std::string> Documents(const fs::path& file) {
  std::ifstream in(file);
  std::vector<std::string> documents(1);
  for (std::string line; std::getline(in, line);) {
    if (line == "---") documents.emplace_back();
    documents.back() += line + "\n";
  }
  return documents;
}

std::vector<std::string> AllDocuments() {
  std::vector<std::string> all;
  for (const char* folder : {"samples", "manifests", "charts", "tests"}) {
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(kRoot / folder)) {
      if (entry.path().extension() != ".yaml") continue;
      for (std::string& document : Documents(entry.path())) all.push_back(std::move(document));
    }
  }
  return all;
}

TEST(YamlBlock, ReadsTheManifestsOfThisRepositoryAsLibyamlDoes) {
  std::size_t read = 0, all = 0;
  for (const std::string& document : AllDocuments()) {
    ++all;
    read += Read(document) ? 1 : 0;
  }
  EXPECT_GT(all, 1000U);
  EXPECT_GT(read, all / 2) << "of " << all;
}

TEST(YamlBlock, ReadsTheSamplesAndTheInstallation) {
  for (const char* file : {"samples/shop.yaml", "manifests/install.yaml"}) {
    std::size_t declined = 0, all = 0;
    for (const std::string& document : Documents(kRoot / file)) {
      if (document.find("\n") == document.size() - 1) continue;
      ++all;
      declined += Read(document) ? 0 : 1;
    }
    EXPECT_LE(declined * 4, all) << file;  // anchors, and what a text may hold
  }
}

TEST(YamlBlock, ReadsWhatKubernetesWasAskedAsLibyamlDoes) {
  std::ifstream cases(kRoot / "tests/support/yaml_cases.txt");
  std::size_t read = 0;
  for (std::string line; std::getline(cases, line);) {
    const std::size_t tab = line.find('\t');
    if (line.starts_with('#') || tab == std::string::npos) continue;
    read += Read(nlohmann::json::parse(line.substr(0, tab)).get<std::string>()) ? 1 : 0;
  }
  EXPECT_GT(read, 50U);
}

TEST(YamlBlock, TakesWhatIsUsual) {
  for (const char* text : {
           "a: b\n",
           "---\na: b\n",
           "# c\n---\n# d\na: b # e\n",
           "a:\n- b\n- c: d\n  e: f\n",
           "a:\n  - b\n  -\n    c: d\n  -\nb:\n",
           "a: \"b: c\"\n'd': 'e\\f'\n",
           "a: [b, \"c\", 1, d:e, f g - h, --i=j]\nd: {e: f, \"g\": {}}\nh: []\n",
           "a: |\n  b\n\n   c\n\nd: |-\n  e\n\nf: |+\n  g\n\nh: i\n",
           "a:\n- |\n b\n- c\n",
           "a: -1\nb: :8080\nc: 0x1F\nd: yes\ne: 1e3\nf: ~\n",
           "a: b#c\nd: e:f\ng: h  # i\n",
           "a: b",
       }) {
    EXPECT_TRUE(Read(text)) << text;
  }
}

TEST(YamlBlock, LeavesTheRest) {
  for (const char* text : {
           "",
           "---\n",
           "a\n",
           "- a\n",
           "a: &b c\n",
           "a: *b\n",
           "<<: {}\n",
           "a: !t b\n",
           "a: b\n c\n",
           "a: b\n  c: d\n",
           "a:\tb\n",
           "a: b\r\n",
           "a: \xC3\xA4\n",
           "a: \"b\\n\"\n",
           "a: 'b''c'\n",
           "a: >\n  b\n",
           "a: b: c\n",
           "a: [b\n",
           "a: [b]]\n",
           "a: {b}\n",
           "a: |2\n   b\n",
           "a: |\n b",
           "a: b\na: c\n",
           "a: .nan\n",
           "? a\n: b\n",
           "a: @b\n",
           "a: - b\n",
           "a:\n  b: c\n d: e\n",
           "a: b\n---\nc: d\n",
           "%YAML 1.1\n---\na: b\n",
           "~: a\n",
           "a: b\n- c\n",
       }) {
    EXPECT_FALSE(Read(text)) << text;
  }
}

std::size_t Below(SeededRng& rng, std::size_t limit) { return rng.Next() % limit; }

// Lines moved, doubled, cut, indented; characters that mean something put anywhere.
std::string Changed(std::string text, SeededRng& rng) {
  constexpr std::string_view kChars = " \n:-#'\"[]{},|>&*!%@`?~.0x\\$\t\r";
  for (std::size_t changes = 1 + Below(rng, 3); changes != 0 && !text.empty(); --changes) {
    const std::size_t at = Below(rng, text.size());
    const std::size_t begin = text.rfind('\n', at) == std::string::npos ? 0 : text.rfind('\n', at) + 1;
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    switch (Below(rng, 6)) {
      case 0: text.insert(at, 1, kChars[Below(rng, kChars.size())]); break;
      case 1: text.erase(at, 1 + Below(rng, 3)); break;
      case 2: text[at] = kChars[Below(rng, kChars.size())]; break;
      case 3: text.insert(begin, 1 + Below(rng, 3), ' '); break;
      case 4: text.insert(begin, text.substr(begin, end > begin ? end - begin : 0)); break;
      case 5:
        if (text[begin] == ' ') text.erase(begin, 1);
        break;
    }
  }
  return text;
}

TEST(YamlBlock, NeverReadsAnythingElseThanLibyaml) {
  std::vector<std::string> documents = AllDocuments();
  for (const char* small : {"a:\n- b\n- c: d\n  e:\n  - f\n", "a: |\n  b\n\n  c\nd: e\n", "a: [b, c]\nd: {e: f}\n",
                            "a: \"b\"\n'c': 'd' # e\n"})
    documents.insert(documents.end(), 500, small);
  SeededRng rng(20261129);
  std::size_t read = 0;
  for (int round = 0; round < 20'000; ++round) {
    const std::string& document = documents[Below(rng, documents.size())];
    if (document.size() > 4096) continue;
    read += Read(Changed(document, rng)) ? 1 : 0;
    if (::testing::Test::HasFailure()) break;
  }
  EXPECT_GT(read, 2000U);
}

}  // namespace
}  // namespace seaworthy::support
