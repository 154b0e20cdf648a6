#include <gmock/gmock.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/json.h"
#include "support/tree_text.h"

namespace seaworthy::support {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string Repeat(std::string_view text, std::size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

struct List {
  Status status;
  std::vector<std::string> items, unreadable;
  std::string head;
};

List ParseList(std::string_view text, JsonLimits limits = {}) {
  List list;
  Tree head, item(limits);
  list.status = ParseJsonList(
      text, head, item, [&](const Node& node) { list.items.push_back(Text(node)); },
      [&](std::string why) { list.unreadable.push_back(std::move(why)); });
  list.head = Text(head.root());
  return list;
}

TEST(JsonList, DeliversItemsOneByOneAndTheHead) {
  const List list = ParseList(
      R"({"kind":"PodList","items":[{"a":1},{"b":[2]},3,null,[{"items":[1]}]],"metadata":{"resourceVersion":"9","items":[1]}})");
  EXPECT_TRUE(list.status.ok()) << list.status.message();
  EXPECT_THAT(list.items, ElementsAre(R"({"a":1})", R"({"b":[2]})", "3", "null", R"([{"items":[1]}])"));
  EXPECT_EQ(list.head, R"({"kind":"PodList","items":[],"metadata":{"resourceVersion":"9","items":[1]}})");
  EXPECT_THAT(ParseList(R"({"items":null,"x":[1]})").items, IsEmpty());
  EXPECT_THAT(ParseList(R"({"items":{"a":[1]},"x":[1]})").items, IsEmpty());
  EXPECT_THAT(ParseList(R"([{"items":[1]}])").items, IsEmpty());
  EXPECT_THAT(ParseList(R"({"a":{"items":[1]}})").items, IsEmpty());
}

TEST(JsonList, SkipsUnreadableItemsAndNamesThem) {
  const std::string deep = Repeat("[", 100) + Repeat("]", 100);
  const List list = ParseList(
      R"({"items":[{"metadata":{"namespace":"shop","name":"web"},"x":)" + deep + R"(},{"ok":1},{"x":)" + deep +
      R"(,"metadata":{"labels":{"name":"no"},"name":"node-1"}},{"a":1,"a":2},)" + deep + R"(,{"ok":2}]})");
  EXPECT_TRUE(list.status.ok()) << list.status.message();
  EXPECT_THAT(list.items, ElementsAre(R"({"ok":1})", R"({"ok":2})"));
  EXPECT_THAT(list.unreadable,
              ElementsAre("shop/web: is nested deeper than 64 levels", "node-1: is nested deeper than 64 levels",
                          "(an object without a name): has the key \"a\" twice",
                          "(an object without a name): is nested deeper than 64 levels"));
}

TEST(JsonList, SkipsItemsWithTooManyValues) {
  JsonLimits limits;
  limits.tokens = 6;
  const List list = ParseList(
      R"({"items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"},"x":[1,2,3,4,[5,{"y":6}]]},{"metadata":{"name":"c"}}]})",
      limits);
  EXPECT_TRUE(list.status.ok());
  EXPECT_EQ(list.items.size(), 2U);
  EXPECT_THAT(list.unreadable, ElementsAre("b: has more than 6 values"));
}

TEST(JsonList, SurvivesAnItemOfAnyDepth) {
  const List list = ParseList("{\"items\":[" + Repeat("[", 2'000'000) + Repeat("]", 2'000'000) + ",{\"ok\":1}]}");
  EXPECT_TRUE(list.status.ok());
  EXPECT_THAT(list.items, ElementsAre(R"({"ok":1})"));
  EXPECT_EQ(list.unreadable.size(), 1U);
}

TEST(JsonList, FailsOnAMalformedDocument) {
  EXPECT_FALSE(ParseList(R"({"items":[{"a":1},{"b":)").status.ok());
  EXPECT_FALSE(ParseList(R"({"items":[{"a":1}]} x)").status.ok());
  EXPECT_FALSE(ParseList(R"({"items":[1],"items":[2]})").status.ok());
  EXPECT_FALSE(ParseList("").status.ok());
}

TEST(JsonList, TurnsAnExceptionOfTheReceiverIntoAnError) {
  Tree head, item;
  const Status status = ParseJsonList(
      R"({"items":[1]})", head, item, [](const Node&) { throw std::runtime_error("boom"); }, [](const std::string&) {});
  EXPECT_EQ(status.code(), Code::kInternal);
}

}  // namespace
}  // namespace seaworthy::support
