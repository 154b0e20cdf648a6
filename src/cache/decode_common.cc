// Pieces that several kinds share: selectors, conditions, intstr, amounts.
#include <charconv>
#include <utility>

#include "cache/decode_fields.h"
#include "cache/quantity.h"

namespace seaworthy::cache {
namespace {

LabelSelector::Term DecodeTerm(const Decoding& d, const Node& node, bool& invalid) {
  LabelSelector::Term term;
  term.key = d.Str(node["key"]);
  term.values = d.Strings(node["values"]);
  const std::string_view op = node["operator"].text();
  const bool any = !term.values.empty();
  if (op == "In" && any) {
    term.op = LabelSelector::Op::kIn;
  } else if (op == "NotIn" && any) {
    term.op = LabelSelector::Op::kNotIn;
  } else if (op == "Exists" && !any) {
    term.op = LabelSelector::Op::kExists;
  } else if (op == "DoesNotExist" && !any) {
    term.op = LabelSelector::Op::kDoesNotExist;
  } else {
    invalid = true;  // as metav1.LabelSelectorAsSelector refuses it
  }
  return term;
}

void SetAmount(OptInt& field, std::optional<std::int64_t> value, bool& invalid) {
  invalid = !value || *value < 0;
  if (!invalid) field = *value;
}

}  // namespace

LabelSelector DecodeMapSelector(const Decoding& d, const Node& node) {
  LabelSelector selector;
  if (!node.is_object()) return selector;
  for (const Node& member : node) {
    selector.terms.push_back({d.Intern(member.key()), LabelSelector::Op::kIn, {d.Loose(member)}});
  }
  selector.present = !selector.terms.empty();
  return selector;
}

LabelSelector DecodeSelector(const Decoding& d, const Node& node) {
  if (!node.is_object()) return {};
  LabelSelector selector = DecodeMapSelector(d, node["matchLabels"]);
  selector.present = true;
  for (const Node& expression : node["matchExpressions"]) {
    selector.terms.push_back(DecodeTerm(d, expression, selector.invalid));
  }
  // The order in which users write terms means nothing: equal selectors compare equal.
  std::sort(selector.terms.begin(), selector.terms.end(),
            [](const LabelSelector::Term& a, const LabelSelector::Term& b) {
              return a.key == b.key ? a.op < b.op : a.key < b.key;
            });
  return selector;
}

// Without lastHeartbeatTime and lastProbeTime: they change while nothing happens.
Condition DecodeCondition(const Decoding& d, const Node& node) {
  return {d.Str(node["type"]), d.Loose(node["status"]), d.Str(node["reason"]), Time(node["lastTransitionTime"])};
}

List<Condition> DecodeConditions(const Decoding& d, const Node& list) {
  List<Condition> conditions;
  if (!list.is_array()) return conditions;
  conditions.reserve(list.size());
  for (const Node& node : list) conditions.push_back(DecodeCondition(d, node));
  return conditions;
}

IntOrPercent DecodeIntOrPercent(const Node& node) {
  IntOrPercent value;
  if (!node.present()) return value;
  value.form = IntOrPercent::Form::kInvalid;
  std::string_view text = node.text();
  if (node.is_number()) {
    const auto number = node.Int();
    if (number && *number >= std::numeric_limits<std::int32_t>::min() &&
        *number <= std::numeric_limits<std::int32_t>::max()) {
      value = {IntOrPercent::Form::kNumber, static_cast<std::int32_t>(*number)};
    }
    return value;
  }
  // A string has to be a percentage (intstr.getIntOrPercentValueSafely): "2" is refused by the API server.
  if (text.empty() || text.back() != '%') return value;
  text.remove_suffix(1);
  std::int32_t percent = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), percent);
  if (!text.empty() && code == std::errc() && end == text.data() + text.size())
    value = {IntOrPercent::Form::kPercent, percent};
  return value;
}

PortRef DecodePortRef(const Decoding& d, const Node& node) {
  PortRef port;
  if (node.is_number()) port.number = Int32(node);
  if (node.is_string()) port.name = d.Str(node);
  return port;
}

OptInt QuantityBytes(const Node& node) {
  const auto value = node.present() ? QuantityValue(node.scalar()) : std::nullopt;
  return value && *value >= 0 ? OptInt(*value) : OptInt();
}

ResourceAmounts DecodeAmounts(const Decoding& d, const Node& list) {
  ResourceAmounts amounts;
  if (!list.is_object()) {
    amounts.invalid = amounts.cpu_invalid = amounts.memory_invalid = amounts.ephemeral_invalid = list.present();
    return amounts;
  }
  for (const Node& member : list) {
    const std::string_view name = member.key(), text = member.scalar();
    if (member.type() == support::NodeType::kNull) continue;
    if (name == "cpu") {
      SetAmount(amounts.cpu_milli, QuantityMilliValue(text), amounts.cpu_invalid);
    } else if (name == "memory") {
      SetAmount(amounts.memory_bytes, QuantityValue(text), amounts.memory_invalid);
    } else if (name == "ephemeral-storage") {
      SetAmount(amounts.ephemeral_bytes, QuantityValue(text), amounts.ephemeral_invalid);
    } else if (const auto value = QuantityValue(text); value && *value >= 0) {
      amounts.extended.push_back({d.Intern(name), *value});
    } else {
      amounts.invalid = true;
    }
  }
  amounts.invalid = amounts.invalid || amounts.cpu_invalid || amounts.memory_invalid || amounts.ephemeral_invalid;
  std::sort(amounts.extended.begin(), amounts.extended.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return amounts;
}

Resources DecodeResources(const Decoding& d, const Node& node) {
  return {DecodeAmounts(d, node["requests"]), DecodeAmounts(d, node["limits"])};
}

}  // namespace seaworthy::cache
