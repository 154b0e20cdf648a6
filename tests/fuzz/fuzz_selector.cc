// Label selectors against apimachinery's rules, written down a second time. The bytes choose among few keys and values,
// so that most selectors have something to match.
#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "cache/decode.h"
#include "fuzz/fuzz.h"
#include "seaworthy/objects.h"
#include "support/json.h"

namespace seaworthy {
namespace {

using nlohmann::json;
using Map = std::map<std::string, std::string>;

struct Expression {
  std::string key, op;
  std::vector<std::string> values;
};

constexpr std::array<const char*, 4> kKeys = {"app", "tier", "app.kubernetes.io/name", ""};
constexpr std::array<const char*, 4> kValues = {"web", "db", "", "WEB"};
constexpr std::array<const char*, 6> kOperators = {"In", "NotIn", "Exists", "DoesNotExist", "in", "Gt"};

Map ChooseLabels(fuzz::Choices& choices) {
  Map map;
  for (std::size_t i = choices.Below(4); i > 0; --i) map[kKeys[choices.Below(4)]] = kValues[choices.Below(4)];
  return map;
}

// metav1.LabelSelectorAsSelector and labels.Requirement.Matches; nullopt: refused.
std::optional<bool> Matches(const Map& match_labels, const std::vector<Expression>& expressions, const Map& labels) {
  bool matches = true;
  for (const auto& [key, value] : match_labels) {
    const auto found = labels.find(key);
    matches = matches && found != labels.end() && found->second == value;
  }
  for (const Expression& expression : expressions) {
    const auto found = labels.find(expression.key);
    const bool has = found != labels.end();
    const bool among =
        has && std::find(expression.values.begin(), expression.values.end(), found->second) != expression.values.end();
    const bool set = !expression.values.empty();
    if (expression.op == "In" && set) {
      matches = matches && among;
    } else if (expression.op == "NotIn" && set) {
      matches = matches && !among;
    } else if (expression.op == "Exists" && !set) {
      matches = matches && has;
    } else if (expression.op == "DoesNotExist" && !set) {
      matches = matches && !has;
    } else {
      return std::nullopt;
    }
  }
  return matches;
}

}  // namespace
}  // namespace seaworthy

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace seaworthy;
  fuzz::Choices choices(fuzz::Text(data, size));
  const Map labels = ChooseLabels(choices), match_labels = ChooseLabels(choices);
  std::vector<Expression> expressions;
  for (std::size_t i = choices.Below(4); i > 0; --i) {
    Expression expression{kKeys[choices.Below(4)], kOperators[choices.Below(6)], {}};
    for (std::size_t n = choices.Below(3); n > 0; --n) expression.values.emplace_back(kValues[choices.Below(4)]);
    expressions.push_back(std::move(expression));
  }
  json selector = json::object();
  if (!match_labels.empty() || choices.Below(2) == 0) selector["matchLabels"] = match_labels;
  for (const Expression& e : expressions)
    selector["matchExpressions"].push_back({{"key", e.key}, {"operator", e.op}, {"values", e.values}});
  const json object = {{"metadata", {{"name", "x"}, {"labels", labels}}}, {"spec", {{"selector", selector}}}};

  TextPool pool;
  support::Tree tree;
  fuzz::Require(support::ParseJson(object.dump(), tree).ok(), "JSON");
  const Result<ObjectPtr> decoded = cache::MakeDecoder(pool)->Decode(Kind::kPodDisruptionBudget, tree.root());
  fuzz::Require(decoded.ok(), "a budget");
  const auto& budget = static_cast<const PodDisruptionBudget&>(**decoded);
  const std::optional<bool> wanted = Matches(match_labels, expressions, labels);
  fuzz::Require(budget.selector.present, "a selector that is written is there", object.dump());
  fuzz::Require(budget.selector.invalid == !wanted.has_value(), "refused as upstream refuses it", object.dump());
  fuzz::Require(budget.selector.Matches(budget.meta.labels) == wanted.value_or(false), "matches as upstream",
                object.dump());
  return 0;
}
