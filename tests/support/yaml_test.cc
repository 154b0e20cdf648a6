#include "support/yaml.h"

#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace seaworthy::support {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

nlohmann::json ToJson(const Node& node) {
  switch (node.type()) {
    case NodeType::kAbsent: return "absent";
    case NodeType::kNull: return nullptr;
    case NodeType::kBool: return *node.Bool();
    case NodeType::kNumber: return nlohmann::json::parse(node.text());
    case NodeType::kString: return std::string(node.text());
    case NodeType::kPruned: return "pruned";
    case NodeType::kArray: {
      nlohmann::json array = nlohmann::json::array();
      for (const Node& child : node) array.push_back(ToJson(child));
      return array;
    }
    case NodeType::kObject: break;
  }
  nlohmann::json object = nlohmann::json::object();
  for (const Node& child : node) object[std::string(child.key())] = ToJson(child);
  return object;
}

std::string Parsed(std::string_view text, YamlLimits limits = {}) {
  Tree tree;
  const Status status = ParseYaml(text, tree, limits);
  return status.ok() ? ToJson(tree.root()).dump() : "error: " + status.message();
}

// Each document as JSON, or "error: ...".
std::vector<std::string> Documents(std::string_view text, YamlLimits limits = {}) {
  std::vector<std::string> all;
  YamlDocuments documents(text, limits);
  Tree tree;
  while (all.size() < 100) {
    const Result<bool> next = documents.Next(tree);
    if (next.ok() && !*next) return all;
    all.push_back(next.ok() ? ToJson(tree.root()).dump() : "error: " + next.status().message());
    EXPECT_EQ(next.ok(), documents.error_line() == 0);
  }
  ADD_FAILURE() << "does not end";
  return all;
}

std::string Repeat(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

TEST(Yaml, ReadsWhatKubectlReads) {
  std::ifstream file(SEAWORTHY_SOURCE_DIR "/tests/support/yaml_cases.txt");
  int cases = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    const std::size_t tab = line.find('\t');
    ASSERT_NE(tab, std::string::npos) << line;
    const std::string document = nlohmann::json::parse(line.substr(0, tab)).get<std::string>();
    const std::string expected = line.substr(tab + 1);
    const std::string actual = Parsed(document);
    ++cases;
    if (expected == "error") {
      EXPECT_THAT(actual, StartsWith("error: line ")) << document;
    } else {
      EXPECT_EQ(actual, nlohmann::json::parse(expected).dump()) << document;
    }
  }
  EXPECT_GT(cases, 200);
}

TEST(Yaml, KeepsTheDigitsThatKubectlWouldSend) {
  Tree tree;
  ASSERT_TRUE(ParseYaml("[1.10, 1e3, 0x10, 1_000, 3.0, -9223372036854775809, 1.5e-7, 1e21, 007]", tree).ok());
  std::vector<std::string> texts;
  for (const Node& node : tree.root()) texts.emplace_back(node.text());
  EXPECT_THAT(texts, ElementsAre("1.1", "1000", "16", "1000", "3", "-9223372036854776000", "1.5e-7", "1e+21", "7"));
}

TEST(Yaml, RefusesNumbersThatJsonDoesNotHave) {
  for (const char* text : {"a: .inf", "a: -.Inf", "a: .nan", "a: !!float .inf"}) {
    EXPECT_THAT(Parsed(text), HasSubstr("error: line 1: infinity and not-a-number")) << text;
  }
}

TEST(Yaml, CutsDocumentsAtSeparators) {
  EXPECT_THAT(Documents("a: 1\n---\nb: 2\n--- \nc: 3\n---\t\nd: 4"),
              ElementsAre("{\"a\":1}", "{\"b\":2}", "{\"c\":3}", "{\"d\":4}"));
  EXPECT_THAT(Documents("---\r\na: 1\r\n---\r\nb: 2\r\n"), ElementsAre("{\"a\":1}", "{\"b\":2}"));
  EXPECT_THAT(Documents("--- {a: 1}\n--- # next\nb: 2\n--- text\n--- |\n block\n"),
              ElementsAre("{\"a\":1}", "{\"b\":2}", "\"text\"", "\"block\\n\""));
  EXPECT_THAT(Documents("a: 1\n...\nb: 2\n...\n# end\n...\n---\nc: 3\n...\n"),
              ElementsAre("{\"a\":1}", "{\"b\":2}", "{\"c\":3}"));
  EXPECT_THAT(Documents("a: |\n  ---\n  x\n ---b: 2\n"), ElementsAre(HasSubstr("error")));
  EXPECT_THAT(Documents("a: |\n  ---\n  x\nb: '---'\n---c: 3\n"),
              ElementsAre("{\"---c\":3,\"a\":\"---\\nx\\n\",\"b\":\"---\"}"));
  EXPECT_THAT(Documents("- --- \n- ...\n"), ElementsAre("[\"---\",\"...\"]"));
}

TEST(Yaml, PassesOverDocumentsWithoutContent) {
  for (std::string_view text :
       {"", "\n\n", "---", "---\n", "---\n---\n", "# only a comment\n", "---\n# a\n---\n  # b\n\n", "...\n",
        "\xEF\xBB\xBF", "---\r\n# x\r\n---\r\n", "%YAML 1.1\n---\n"}) {
    EXPECT_THAT(Documents(text), IsEmpty()) << text;
  }
  EXPECT_EQ(Parsed("# nothing\n"), "null");
  EXPECT_THAT(Documents("---\n---\na: 1\n---\n# x\n---\n"), ElementsAre("{\"a\":1}"));
  EXPECT_THAT(Documents("--- ~\n"), ElementsAre("null"));
}

TEST(Yaml, KeepsDirectivesWithTheirDocument) {
  EXPECT_THAT(Documents("%YAML 1.2\n---\na: 1\n...\n# c\n%TAG !e! tag:example.com,2000:\n---\nb: !e!x 2\n"),
              ElementsAre("{\"a\":1}", "{\"b\":\"2\"}"));
  EXPECT_THAT(Documents("%YAML 3.0\n---\na: 1\n---\nb: 2\n"), ElementsAre(HasSubstr("error: line 1"), "{\"b\":2}"));
  EXPECT_THAT(Documents("a: 1\n%b: 2\n"), ElementsAre(HasSubstr("error: line 2")));
}

TEST(Yaml, LosesNothingButTheDocumentThatIsMalformed) {
  EXPECT_THAT(Documents("a: 1\n---\nb: [1\nc: 2\n---\nd: 'x\n---\ne: 5\n"),
              ElementsAre("{\"a\":1}", StartsWith("error: line 4: "), StartsWith("error: line 7: "), "{\"e\":5}"));
  EXPECT_THAT(Documents("\xff\n---\na: 1\n"), ElementsAre(StartsWith("error: line 1: "), "{\"a\":1}"));
}

TEST(Yaml, NamesTheLineOfEveryError) {
  EXPECT_THAT(Parsed("a: 1\nb: 2\na: 3\n"), StartsWith("error: line 3: has the key \"a\" twice"));
  EXPECT_THAT(Parsed("x:\n- a: 1\n  b: 2\n  a: 3\n"), StartsWith("error: line 4: has the key \"a\" twice"));
  EXPECT_THAT(Parsed("yes: 1\ntrue: 3\n"), StartsWith("error: line 2: has the key \"true\" twice"));
  EXPECT_THAT(Parsed("a: 1\nb: caf\xe9\n"), AllOf(StartsWith("error: line 2: "), HasSubstr("UTF-8")));
  EXPECT_THAT(Parsed("a: 1\n\nb: \"\x01\"\n"), AllOf(StartsWith("error: line 3: "), HasSubstr("control characters")));
  EXPECT_THAT(Parsed(std::string_view("a: \0b\n", 6)), StartsWith("error: line 1: "));
  EXPECT_THAT(Parsed("a:\n  b: 1\n\tc: 2\n"), AllOf(StartsWith("error: line 3: "), HasSubstr("tab")));
  EXPECT_THAT(Parsed("a: 1\nb: *no\n"), StartsWith("error: line 2: an alias without its anchor: *no"));
  EXPECT_THAT(Parsed("a: 1\n? [x]\n: 2\n"), StartsWith("error: line 2: a mapping or a sequence as a key"));
  EXPECT_THAT(Parsed("a: 1\n---\nb: 1\n"), StartsWith("error: line 2: a second document"));
  EXPECT_THAT(Parsed("a: 1\nc: \"x\n  y\nb: 2\n"), StartsWith("error: line "));
}

TEST(Yaml, RecognisesHelmTemplates) {
  EXPECT_THAT(Parsed("{{- if .Values.enabled }}\nkind: Pod\n{{- end }}\n"), HasSubstr("looks like a Helm template"));
  EXPECT_THAT(Parsed("kind: Pod\nmetadata:\n  name: {{ .Release.Name }}-x\n"), HasSubstr("looks like a Helm template"));
  EXPECT_THAT(Parsed("kind: Pod\nspec: {{ .Values.spec }}\n"),
              AllOf(StartsWith("error: line 2"), HasSubstr("looks like a Helm template")));
  EXPECT_THAT(Parsed("a: '{{ x }}'\n"), Not(HasSubstr("error")));
  EXPECT_THAT(Parsed("a: [1\n"), Not(HasSubstr("Helm")));
}

TEST(Yaml, CountsLinesInTheWholeText) {
  const std::string_view text =
      "# c\na: 1\n---\n\nkind: Pod\nspec:\n  containers:\n  - name: x\n    image: |\n      y\n  - {name: z,\n     "
      "image: w}\n---\n{\"a\":\n 1}\n";
  YamlDocuments documents(text);
  Tree tree;
  ASSERT_TRUE(*documents.Next(tree));
  EXPECT_EQ(tree.root().line(), 2U);
  EXPECT_EQ(documents.document_line(), 1U);
  ASSERT_TRUE(*documents.Next(tree));
  EXPECT_EQ(documents.document_line(), 3U);
  const Node& root = tree.root();
  EXPECT_EQ(root.line(), 5U);
  EXPECT_EQ(root["spec"].line(), 6U);
  const Node& containers = root["spec"]["containers"];
  EXPECT_EQ(containers.line(), 7U);
  std::vector<std::uint32_t> lines;
  for (const Node& container : containers) {
    lines.push_back(container.line());
    lines.push_back(container["image"].line());
  }
  EXPECT_THAT(lines, ElementsAre(8U, 9U, 11U, 12U));
  ASSERT_TRUE(*documents.Next(tree));
  EXPECT_EQ(tree.root().line(), 14U);
  EXPECT_EQ(tree.root()["a"].line(), 14U);
  EXPECT_FALSE(*documents.Next(tree));
}

TEST(Yaml, ReadsJsonDocuments) {
  EXPECT_THAT(Documents("{\"a\": 1,\n\t\"b\": [true]}"), ElementsAre("{\"a\":1,\"b\":[true]}"));
  EXPECT_THAT(Documents("---\n# c\n{\"a\":1}\n---\n{a: 1, b}\n"), ElementsAre("{\"a\":1}", "{\"a\":1,\"b\":null}"));
  EXPECT_THAT(Documents("{\"a\":1}\n{\"b\":2}{\"c\":3}\n# x\n{\"d\":\n"),
              ElementsAre("{\"a\":1}", "{\"b\":2}", "{\"c\":3}", StartsWith("error: line 5: ")));
  EXPECT_THAT(Documents("{\"a\":1,\n\"a\":2}"), ElementsAre("error: line 2: has the key \"a\" twice"));
  EXPECT_THAT(Documents("{\"a\":1} # c\n"), ElementsAre("{\"a\":1}"));
  EXPECT_THAT(Documents("{\"a\":1} x\n---\nb: 2\n"), ElementsAre(StartsWith("error: line 1"), "{\"b\":2}"));
  EXPECT_THAT(Documents("\xEF\xBB\xBF{\"a\":1}"), ElementsAre("{\"a\":1}"));
  EXPECT_THAT(Documents("[{\"a\":1}]"), ElementsAre("[{\"a\":1}]"));
}

TEST(Yaml, SkipsByteOrderMarksAndRefusesUtf16) {
  EXPECT_THAT(Documents("\xEF\xBB\xBF---\na: 1\n\xEF\xBB\xBF---\nb: 2\n"), ElementsAre("{\"a\":1}", "{\"b\":2}"));
  EXPECT_THAT(Documents("\xEF\xBB\xBF"
                        "a: 1\n"),
              ElementsAre("{\"a\":1}"));
  EXPECT_THAT(Documents(std::string_view("\xFF\xFE"
                                         "a\0:\0",
                                         6)),
              ElementsAre(HasSubstr("UTF-16")));
}

// A mark of UTF-16 makes a file one at its beginning only; elsewhere two stray bytes take no other document with them.
TEST(Yaml, TakesAMarkInTheMiddleForWhatItIs) {
  EXPECT_THAT(Documents("a: 1\n...\n\xFF\xFE\n---\nb: 2\n"),
              ElementsAre("{\"a\":1}", StartsWith("error: line 3: "), "{\"b\":2}"));
}

// As a reader of parts sees it, which is handed the document without what stands before its separator.
TEST(Yaml, CommentsBeforeTheSeparatorAreNobodys) {
  EXPECT_THAT(Documents("# caf\xE9\n---\na: 1\n...\n# \xE9\n---\nb: 2\n"), ElementsAre("{\"a\":1}", "{\"b\":2}"));
  EXPECT_THAT(Documents("# c\n%YAML 1.1\n# d\n---\na: 1\n"), ElementsAre("{\"a\":1}"));
  EXPECT_THAT(Documents("a: 1\n# caf\xE9\n"), ElementsAre(StartsWith("error: line 2: ")));
}

TEST(Yaml, ResolvesMergeKeys) {
  EXPECT_EQ(Parsed("x: &x {p: 1, q: 2}\nz: &z {q: 3, r: 4}\nd:\n  <<: [*x, *z]\n  r: 5\n"),
            R"({"d":{"p":1,"q":2,"r":5},"x":{"p":1,"q":2},"z":{"q":3,"r":4}})");
  EXPECT_EQ(Parsed("x: &x {p: 1}\nd:\n  p: 9\n  <<: *x\n"), R"({"d":{"p":9},"x":{"p":1}})");
  EXPECT_EQ(Parsed("x: &x {p: 1}\nz: &z {q: 1}\nd:\n  <<: *x\n  <<: *z\n"),
            R"({"d":{"p":1,"q":1},"x":{"p":1},"z":{"q":1}})");
  EXPECT_EQ(Parsed("x: &x {p: {s: 1}}\nd: &d\n  <<: *x\n  q: 2\ne:\n  <<: *d\n  p: 3\n"),
            R"({"d":{"p":{"s":1},"q":2},"e":{"p":3,"q":2},"x":{"p":{"s":1}}})");
  EXPECT_EQ(Parsed("d:\n  <<: &m {p: 1, q: 2}\n  q: 3\ne: *m\n"), R"({"d":{"p":1,"q":3},"e":{"p":1,"q":2}})");
  EXPECT_EQ(Parsed("d:\n  <<: {}\n"), R"({"d":{}})");
  EXPECT_THAT(Parsed("x: &x [1]\nd:\n  <<: *x\n"), StartsWith("error: line 3: has a merge key"));
  EXPECT_THAT(Parsed("d:\n  <<: 1\n"), HasSubstr("merge key"));
  EXPECT_THAT(Parsed("d:\n  a: 1\n  <<: {b: 1}\n  a: 2\n"), StartsWith("error: line 4: has the key \"a\" twice"));
}

TEST(Yaml, CopiesAliasesWithinALimit) {
  EXPECT_EQ(Parsed("a: &a {b: [1, {c: d}], e: yes, f: ~, g: 'x'}\nh: [*a, *a]\n")[0], '{');
  std::string laughs = "a: &a [x,x,x,x,x,x,x,x,x,x]\n";
  for (char c = 'b'; c <= 'k'; ++c) {
    laughs += std::string(1, c) + ": &" + c + " [";
    for (int i = 0; i < 10; ++i) laughs += std::string(i == 0 ? "*" : ", *") + static_cast<char>(c - 1);
    laughs += "]\n";
  }
  EXPECT_EQ(Parsed(laughs), "error: line 4: aliases that expand to more than 10000 values");
  std::string flat = "a: &a [x]\nb:\n" + Repeat("- *a\n", 4999);
  EXPECT_THAT(Parsed(flat), Not(HasSubstr("error")));
  EXPECT_THAT(Parsed(flat + Repeat("- *a\n", 2)), HasSubstr("error: line 5003: aliases that expand"));
  YamlLimits none;
  none.alias_nodes = 0;
  EXPECT_THAT(Parsed("a: &a 1\nb: *a\n", none), HasSubstr("more than 0 values"));
}

TEST(Yaml, RefusesAliasesOfThemselves) {
  EXPECT_THAT(Parsed("a: &a [*a]\n"), HasSubstr("inside its own anchor"));
  EXPECT_THAT(Parsed("a: &a\n  b:\n    c: *a\n"), StartsWith("error: line 3: an alias inside its own anchor"));
  EXPECT_THAT(Parsed("&a a: &b {<<: *b}\n"), HasSubstr("inside its own anchor"));
  EXPECT_EQ(Parsed("a: &a 1\nb: &a 2\nc: *a\n"), R"({"a":1,"b":2,"c":2})");
  EXPECT_EQ(Parsed("a: &k key\n*k : 1\n"), R"({"a":"key","key":1})");
  EXPECT_THAT(Parsed("- &a x\n---\n- *a\n"), HasSubstr("error"));
}

TEST(Yaml, LimitsDepthSizeAndNumberOfValues) {
  EXPECT_THAT(Parsed(Repeat("[", 20'000)), HasSubstr("error: line 1: is nested deeper than 64 levels"));
  EXPECT_THAT(Parsed(Repeat("{a: ", 20'000)), HasSubstr("deeper than 64"));
  EXPECT_THAT(Parsed(Repeat("- ", 20'000)), HasSubstr("deeper than 64"));
  EXPECT_THAT(Parsed(Repeat("? ", 20'000)), HasSubstr("error"));
  EXPECT_THAT(Parsed("{\"a\":" + Repeat("[", 2'000'000)), HasSubstr("deeper than 64"));
  EXPECT_THAT(Parsed(Repeat("- 1\n", 250'000)), HasSubstr("error: line 200000: has more than 200000 values"));
  EXPECT_THAT(Documents("a: '" + std::string(20'000'000, 'x') + "'\n---\nb: 1\n"),
              ElementsAre("error: line 1: a document of more than 16777216 bytes", "{\"b\":1}"));
  YamlLimits small;
  small.document_bytes = 8;
  EXPECT_THAT(Documents("a: 1\n---\nabcdef: 1\n---\nb: 1", small),
              ElementsAre("{\"a\":1}", HasSubstr("error: line 2"), "{\"b\":1}"));
}

TEST(Yaml, RefusesDoubledKeysAmongMany) {
  std::string many;
  for (int i = 0; i < 50'000; ++i) many += "k" + std::to_string(i) + ": 1\n";
  EXPECT_THAT(Parsed(many), Not(HasSubstr("error")));
  EXPECT_THAT(Parsed(many + "k7: 2\n"), HasSubstr("error: line 50001: has the key \"k7\" twice"));
}

TEST(Yaml, PrunesAsJsonDoes) {
  EXPECT_EQ(Parsed("fieldsV1:\n  f:spec:\n    f:template:\n      f:x: {}\n    f:replicas: {}\n"),
            R"({"fieldsV1":{"f:spec":{"f:replicas":"pruned","f:template":"pruned"}}})");
  EXPECT_THAT(Parsed("fieldsV1:\n  a:\n    b:\n      c: &c 1\nd: *c\n"), HasSubstr("not kept"));
}

}  // namespace
}  // namespace seaworthy::support
