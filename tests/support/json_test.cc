#include "support/json.h"

#include <gmock/gmock.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "support/tree_text.h"

namespace seaworthy::support {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Parsed(std::string_view text, JsonLimits limits = {}) {
  Tree tree(limits);
  const Status status = ParseJson(text, tree);
  if (!status.ok()) return "error: " + status.message();
  EXPECT_TRUE(tree.complete());
  return Text(tree.root());
}

std::string Repeat(std::string_view text, std::size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

bool Overflows(const Node& node) {
  if (node.is_number() && !node.Double()) return true;
  for (const Node& child : node) {
    if (Overflows(child)) return true;
  }
  return false;
}

TEST(Json, ReadsEveryKindOfValue) {
  EXPECT_EQ(Parsed(R"( {"a":null,"b":[true,false,{}],"c":"x","d":[],"":1} )"),
            R"({"a":null,"b":[true,false,{}],"c":"x","d":[],"":1})");
  EXPECT_EQ(Parsed("7"), "7");
  EXPECT_EQ(Parsed("\"s\""), "\"s\"");
  EXPECT_EQ(Parsed("\xEF\xBB\xBF{}"), "{}");
  EXPECT_EQ(Parsed("[1 , 2\r\n,\t3]"), "[1,2,3]");
}

TEST(Json, KeepsTheLiteralOfANumber) {
  for (const char* literal :
       {"0", "-0", "1", "-1", "1.0", "1.10", "1e3", "1E+3", "-2.5e-7", "9223372036854775807", "-9223372036854775808",
        "18446744073709551615", "123456789012345678901234567890", "1e999", "0.1000000000000000055511151231257827"}) {
    EXPECT_EQ(Parsed(literal), literal);
    EXPECT_EQ(Parsed(std::string("[") + literal + "]"), std::string("[") + literal + "]");
    EXPECT_EQ(Parsed(std::string("{\"a\":") + literal + " }"), std::string("{\"a\":") + literal + "}");
  }
  for (const char* wrong : {"01", "-", "1.", ".5", "+1", "1e", "1e+", "--1", "0x10", "1_000", "NaN", "Infinity",
                            "1.2.3", "1-2", "00", "-01"}) {
    EXPECT_THAT(Parsed(wrong), HasSubstr("error")) << wrong;
    EXPECT_THAT(Parsed(std::string("[") + wrong + "]"), HasSubstr("error")) << wrong;
  }
}

TEST(Json, AnswersNumbersOnlyWithinTheirRange) {
  Tree tree;
  ASSERT_TRUE(
      ParseJson(R"([42,-9223372036854775808,9223372036854775808,3.0,1e3,2.5,1e999,1e300,"7",1e-400])", tree).ok());
  std::vector<std::optional<std::int64_t>> ints;
  std::vector<std::optional<double>> doubles;
  for (const Node& node : tree.root()) {
    ints.push_back(node.Int());
    doubles.push_back(node.Double());
  }
  const std::nullopt_t none = std::nullopt;
  EXPECT_THAT(ints, ElementsAre(42, INT64_MIN, none, 3, 1000, none, none, none, none, none));
  EXPECT_EQ(doubles[5], 2.5);
  EXPECT_EQ(doubles[6], none);
  EXPECT_EQ(doubles[7], 1e300);
  EXPECT_EQ(doubles[8], none);
}

TEST(Json, DecodesEscapesAndUtf8) {
  EXPECT_EQ(Parsed(R"("a\"b\\c\/d\n\u0041\u00e9\ud83d\ude00")"), nlohmann::json("a\"b\\c/d\nA\u00e9\U0001F600").dump());
  EXPECT_EQ(Parsed("{\"schl\xC3\xBCssel\":\"na\xC3\xAFve\"}"), "{\"schl\xC3\xBCssel\":\"na\xC3\xAFve\"}");
  Tree tree;
  ASSERT_TRUE(ParseJson(R"({"a\u0000b":"x\u0000y"})", tree).ok());
  EXPECT_EQ(tree.root()[std::string_view("a\0b", 3)].text(), std::string_view("x\0y", 3));
}

TEST(Json, RefusesWhatIsNoJson) {
  for (std::string_view text : {"",
                                " ",
                                "{",
                                "[",
                                "[1",
                                "{\"a\"",
                                "{\"a\":",
                                "{\"a\":1",
                                "{\"a\":1,}",
                                "[1,]",
                                "{a:1}",
                                "{'a':1}",
                                "tru",
                                "nulll",
                                "[1 2]",
                                "{} {}",
                                "{}x",
                                "// c\n{}",
                                "/* c */{}",
                                "\"a",
                                "\"\\",
                                "\"\\x\"",
                                "\"\\u12\"",
                                "\"\\ud800\"",
                                "\"\\udc00\"",
                                "\"a\nb\"",
                                "\"\x01\"",
                                "\"\xff\"",
                                "\"\xc3\"",
                                "\"\xed\xa0\x80\"",
                                "[\"a\"\"b\"]",
                                "{\"a\":\"b\"\"c\"}",
                                "[1\"a\"]",
                                "]",
                                "}",
                                "[}",
                                ",",
                                ":",
                                "{\"a\" 1}",
                                "{1:2}",
                                "\xEF\xBB{}"}) {
    EXPECT_THAT(Parsed(text), testing::MatchesRegex("error: line [0-9], byte (.|\n)*")) << text;
  }
  EXPECT_THAT(Parsed(std::string_view("{}\0{}", 5)), HasSubstr("error"));
  EXPECT_THAT(Parsed(std::string_view("\0", 1)), HasSubstr("error"));
}

TEST(Json, NamesTheLineOfAnErrorButNotTheText) {
  const std::string error = Parsed("{\"password\":\n\"hunter2\",\n\"token\": hunter3}");
  EXPECT_THAT(error, HasSubstr("error: line 3, byte"));
  EXPECT_THAT(error, Not(HasSubstr("hunter")));
  EXPECT_THAT(Parsed("\"secret\x01\""), Not(HasSubstr("secret")));
}

TEST(Json, RefusesDoubledKeysOfSmallAndOfHugeObjects) {
  EXPECT_THAT(Parsed(R"({"a":1,"a":2})"), HasSubstr("has the key \"a\" twice"));
  EXPECT_THAT(Parsed(R"({"x":{"app.kubernetes.io/name":1,"app.kubernetes.io/part":2,"app.kubernetes.io/name":3}})"),
              HasSubstr("twice"));
  EXPECT_EQ(Parsed(R"({"a":{"a":{"a":1}}})"), R"({"a":{"a":{"a":1}}})");
  std::string many = "{\"k\":[";
  for (int i = 0; i < 100; ++i) many += "{\"same\":1},";
  many += "{}]}";
  EXPECT_THAT(Parsed(many), Not(HasSubstr("error")));
  for (const int count : {31, 32, 33, 100, 150'000}) {
    std::string huge = "{";
    for (int i = 0; i < count; ++i) huge += "\"key-" + std::to_string(i) + "\":0,";
    EXPECT_THAT(Parsed(huge + "\"last\":1}"), Not(HasSubstr("error"))) << count;
    EXPECT_THAT(Parsed(huge + "\"key-7\":1}"), HasSubstr("has the key \"key-7\" twice")) << count;
  }
  EXPECT_THAT(Parsed("{\"" + std::string(5000, 'k') + "\":1,\"" + std::string(5000, 'k') + "\":1}").size(),
              testing::Lt(200U));
}

TEST(Json, LimitsDepthWithoutRecursion) {
  EXPECT_THAT(Parsed(Repeat("[", 64) + Repeat("]", 64)), Not(HasSubstr("error")));
  EXPECT_EQ(Parsed(Repeat("[", 65) + Repeat("]", 65)), "error: is nested deeper than 64 levels");
  EXPECT_EQ(Parsed(Repeat("[", 2'000'000)), "error: is nested deeper than 64 levels");
  EXPECT_EQ(Parsed(Repeat("{\"a\":", 2'000'000)), "error: is nested deeper than 64 levels");
}

TEST(Json, LimitsTheNumberOfValues) {
  JsonLimits limits;
  limits.tokens = 5;
  EXPECT_EQ(Parsed("[1,2,3,4]", limits), "[1,2,3,4]");
  EXPECT_EQ(Parsed("[1,2,3,4,5]", limits), "error: has more than 5 values");
  EXPECT_THAT(Parsed("[" + Repeat("0,", 300'000) + "0]"), HasSubstr("error: has more than 200000 values"));
}

TEST(Json, PrunesBelowTheNamedMember) {
  const std::string_view text =
      R"({"a":{"fieldsV1":{"f:spec":{"f:replicas":{},"f:template":{"f:spec":{"x":[1]}},".":{}},"v":{"w":1}},"b":{"c":{"d":{}}}}})";
  EXPECT_EQ(
      Parsed(text),
      R"({"a":{"fieldsV1":{"f:spec":{"f:replicas":pruned,"f:template":pruned,".":pruned},"v":{"w":1}},"b":{"c":{"d":{}}}}})");
  JsonLimits limits;
  limits.prune_levels = 0;
  EXPECT_EQ(Parsed(text, limits), R"({"a":{"fieldsV1":pruned,"b":{"c":{"d":{}}}}})");
  limits.prune_levels = 1;
  EXPECT_EQ(Parsed(text, limits), R"({"a":{"fieldsV1":{"f:spec":pruned,"v":pruned},"b":{"c":{"d":{}}}}})");
  limits.prune_key = "";
  EXPECT_THAT(Parsed(text, limits), HasSubstr(R"("f:template":{"f:spec":{"x":[1]}})"));
  EXPECT_EQ(Parsed(R"({"fieldsV1":"text"})"), R"({"fieldsV1":"text"})");
  // What is pruned costs no tokens, but its depth is limited too.
  EXPECT_THAT(Parsed("{\"fieldsV1\":{\"a\":{\"b\":[" + Repeat("0,", 300'000) + "0]}}}"), HasSubstr("pruned"));
  EXPECT_THAT(Parsed("{\"fieldsV1\":" + Repeat("{\"a\":", 100) + "1" + Repeat("}", 101)), HasSubstr("deeper"));
}

TEST(Json, ReadsAbsentMembersAsAbsent) {
  Tree tree;
  ASSERT_TRUE(ParseJson(R"({"spec":{"replicas":3,"paused":null,"on":true}})", tree).ok());
  const Node& root = tree.root();
  EXPECT_EQ(root["spec"]["replicas"].Int(), 3);
  EXPECT_FALSE(root["spec"]["paused"].present());
  EXPECT_EQ(root["spec"]["on"].Bool(), true);
  EXPECT_FALSE(root["status"]["conditions"]["x"].present());
  EXPECT_EQ(root["spec"]["replicas"]["deeper"].type(), NodeType::kAbsent);
  EXPECT_EQ(root["spec"].size(), 3U);
  EXPECT_EQ(root["spec"]["on"].Int(), std::nullopt);
  EXPECT_EQ(root["spec"]["on"].text(), "");
}

TEST(Json, CountsLinesWhenAsked) {
  Tree tree;
  ASSERT_TRUE(ParseJson("{\n \"a\": 1\n,\n\"b\":\n[\n2\n,\"c\"]}", tree, 10).ok());
  const Node& root = tree.root();
  EXPECT_EQ(root.line(), 10U);
  EXPECT_EQ(root["a"].line(), 11U);
  EXPECT_EQ(root["b"].line(), 13U);
  EXPECT_EQ((*root["b"].begin()).line(), 15U);
  ASSERT_TRUE(ParseJson("{\"a\":1}", tree).ok());
  EXPECT_EQ(tree.root()["a"].line(), 0U);
}

TEST(Json, ReadsAStreamOfValues) {
  Tree tree;
  const std::string_view text = "{\"a\":1}\n{\"b\":2}";
  const Result<std::size_t> first = ParseJsonPrefix(text, tree);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(*first, 7U);
  EXPECT_EQ(Text(tree.root()), "{\"a\":1}");
}

TEST(Json, UsesItsMemoryAgain) {
  Tree tree;
  std::string big = "[";
  for (int i = 0; i < 20'000; ++i) big += "\"0123456789\",";
  big += "\"" + std::string(3'000'000, 'x') + "\"]";
  ASSERT_TRUE(ParseJson(big, tree).ok());
  EXPECT_GT(tree.resident_bytes(), 4'000'000U);
  ASSERT_TRUE(ParseJson("{}", tree).ok());
  const std::size_t kept = tree.resident_bytes();
  EXPECT_LT(kept, 1'100'000U);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(ParseJson("{\"a\":[1,2,3]}", tree).ok());
  EXPECT_EQ(tree.resident_bytes(), kept);
}

TEST(Json, AgreesWithTheLibraryOnMutatedTexts) {
  const std::vector<std::string> seeds = {
      R"({"kind":"Pod","metadata":{"name":"web-1","labels":{"a/b":"c"},"n":[-1,2.50,1e-7,18446744073709551616]},"x":[true,false,null]})",
      R"([{"a":"q\"uo\\te","b":"\u00e9\ud83d\ude00","c":"gr)"
      "\xC3\xBC"
      R"(n"},"",[[],{}],0,-0.0,"0",1])",
      R"( [ "x" , 12 , { "y" : 3 } ] )", R"({"a":"b\"c\\d\ne\/","f\t":{"g":"h"},"i":["j\r\f\b"]})"};
  const std::string_view alphabet = "{}[]\",:\\ \n0123456789-+.eEtrufalsn/u\x01\xC3\xBC\xff";
  std::mt19937 random(7);
  int good = 0;
  for (int i = 0; i < 60'000; ++i) {
    std::string text = seeds[static_cast<std::size_t>(i) % seeds.size()];
    for (auto edits = 1 + random() % 3; edits != 0; --edits) {
      const std::size_t at = random() % text.size();
      const char c = alphabet[random() % alphabet.size()];
      switch (random() % 4) {
        case 0: text[at] = c; break;
        case 1: text.insert(at, 1, c); break;
        case 2: text.erase(at, 1); break;
        default: text.insert(at, text.substr(random() % text.size(), random() % 12)); break;
      }
      if (text.empty()) text = "0";
    }
    // Differences on purpose: doubled keys, and 1e999 is a literal to us.
    bool doubled = false;
    std::vector<std::vector<std::string>> keys;
    const auto callback = [&](int, nlohmann::json::parse_event_t event, nlohmann::json& value) {
      using Event = nlohmann::json::parse_event_t;
      if (event == Event::object_start) keys.emplace_back();
      if (event == Event::object_end) keys.pop_back();
      if (event == Event::key) {
        const std::string key = value.get<std::string>();
        for (const std::string& other : keys.back()) doubled = doubled || other == key;
        keys.back().push_back(key);
      }
      return true;
    };
    const nlohmann::json expected = nlohmann::json::parse(text, callback, false);
    Tree tree;
    const Status status = ParseJson(text, tree);
    if (status.ok() && Overflows(tree.root())) continue;
    ASSERT_EQ(status.ok(), !expected.is_discarded() && !doubled) << text << "\n" << status.message();
    if (!status.ok()) continue;
    ++good;
    ASSERT_EQ(nlohmann::json::parse(Text(tree.root())), expected) << text;
  }
  EXPECT_GT(good, 3000);
}

std::vector<std::uint32_t> Lines(const Node& node) {
  std::vector<std::uint32_t> lines{node.line()};
  for (const Node& child : node) {
    if (child.key() == "A") continue;
    for (const std::uint32_t line : Lines(child)) lines.push_back(line);
  }
  return lines;
}

// An escape of Unicode is nlohmann's to read, and with it the whole text.
TEST(Json, CountsLinesTheSameWithAndWithoutTheLibrary) {
  const std::string text = "\n{\n\"a\":\n1,\"b\":[\n{\"c\":true}\n,null, \"d\"],\r\n\"e\":{}, \"f\"\n:\n[1\n,2.5\n]\n";
  Tree plain, library;
  ASSERT_TRUE(ParseJson(text + "}", plain, 5).ok());
  ASSERT_TRUE(ParseJson(text + ",\"\\u0041\":0}", library, 5).ok());
  EXPECT_EQ(Lines(plain.root()), Lines(library.root()));
}

TEST(Tree, RefusesASecondValue) {
  Tree tree;
  EXPECT_TRUE(tree.Null());
  EXPECT_FALSE(tree.Bool(true));
  EXPECT_FALSE(tree.complete());
  tree.Reset();
  EXPECT_TRUE(tree.StartArray());
  EXPECT_FALSE(tree.complete());
  EXPECT_TRUE(tree.EndArray());
  EXPECT_TRUE(tree.complete());
}

}  // namespace
}  // namespace seaworthy::support
