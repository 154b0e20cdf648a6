#include "support/cel/value.h"

#include <cmath>
#include <limits>

namespace seaworthy::support::cel {
namespace {

constexpr std::string_view kNoOrder = "NaN values cannot be ordered";

template <typename T>
Value Order(const T& a, const T& b) {
  return Value::Int(a < b ? -1 : b < a ? 1 : 0);
}

Value OrderDoubles(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return Value::Error(kNoOrder);
  return Order(a, b);
}

// As cel-go compares across types: exactly where both are integers, as doubles within their range.
Value OrderNumbers(const Value& a, const Value& b) {
  if (a.is(Type::kDouble) && b.is(Type::kDouble)) return OrderDoubles(a.real, b.real);
  if (a.is(Type::kDouble)) {
    const Value reversed = OrderNumbers(b, a);
    return reversed.is_error() ? reversed : Value::Int(-reversed.number);
  }
  if (b.is(Type::kDouble)) {
    if (std::isnan(b.real)) return Value::Error(kNoOrder);
    if (a.is(Type::kInt)) {
      if (b.real < -9223372036854775808.0) return Value::Int(1);
      if (b.real > 9223372036854775807.0) return Value::Int(-1);
      return OrderDoubles(static_cast<double>(a.number), b.real);
    }
    if (b.real < 0) return Value::Int(1);
    if (b.real > 18446744073709551615.0) return Value::Int(-1);
    return OrderDoubles(static_cast<double>(a.unsigned_number), b.real);
  }
  if (a.type == b.type)
    return a.is(Type::kInt) ? Order(a.number, b.number) : Order(a.unsigned_number, b.unsigned_number);
  if (a.is(Type::kInt))
    return a.number < 0 ? Value::Int(-1) : Order(static_cast<std::uint64_t>(a.number), b.unsigned_number);
  return b.number < 0 ? Value::Int(1) : Order(a.unsigned_number, static_cast<std::uint64_t>(b.number));
}

Value EqualLists(const Value& a, const Value& b, Arena& arena) {
  const std::size_t size = SizeOf(a);
  if (size != SizeOf(b)) return Value::Bool(false);
  std::vector<Value> others;
  others.reserve(size);
  ForEach(b, [&](const Value& item, const Value&) {
    others.push_back(item);
    return true;
  });
  if (!arena.Spend(2 * size)) return Value::Bool(false);
  Value result = Value::Bool(true);
  std::size_t at = 0;
  ForEach(a, [&](const Value& item, const Value&) {
    result = Equal(item, others[at++], arena);
    return result.is(Type::kBool) && result.boolean && !arena.exhausted();
  });
  return result;
}

Value EqualMaps(const Value& a, const Value& b, Arena& arena) {
  const std::size_t size = SizeOf(a);
  if (size != SizeOf(b)) return Value::Bool(false);
  Value result = Value::Bool(true);
  ForEach(a, [&](const Value& key, const Value& value) {
    if (!arena.Spend(size)) return false;
    const std::optional<Value> other = Find(b, key);
    result = other ? Equal(value, *other, arena) : Value::Bool(false);
    return result.is(Type::kBool) && result.boolean;
  });
  return result;
}

}  // namespace

std::string_view TypeName(Type type) {
  switch (type) {
    case Type::kError: return "error";
    case Type::kNull: return "null_type";
    case Type::kBool: return "bool";
    case Type::kInt: return "int";
    case Type::kUint: return "uint";
    case Type::kDouble: return "double";
    case Type::kString: return "string";
    case Type::kBytes: return "bytes";
    case Type::kTimestamp: return "google.protobuf.Timestamp";
    case Type::kDuration: return "google.protobuf.Duration";
    case Type::kList: return "list";
    case Type::kMap: return "map";
    case Type::kType: return "type";
    case Type::kOptional: return "optional_type";
    case Type::kQuantity: return "kubernetes.Quantity";
    case Type::kUrl: return "kubernetes.URL";
    case Type::kIp: return "net.IP";
    case Type::kCidr: return "net.CIDR";
    case Type::kDyn: return "dyn";
    case Type::kParamA:
    case Type::kParamB: break;
  }
  return "any";
}

Value FromNode(const Node& node) {
  switch (node.type()) {
    case NodeType::kNull: return Value::Null();
    case NodeType::kBool: return Value::Bool(node.Bool().value_or(false));
    case NodeType::kNumber: {
      // "1.0" is a double, as the API server's decoder has it; so is an integer beyond 64 bits.
      const std::string_view literal = node.text();
      if (literal.find_first_of(".eE") == std::string_view::npos) {
        if (const auto number = node.Int()) return Value::Int(*number);
      }
      if (const auto real = node.Double()) return Value::Double(*real);
      return Value::Error("a number out of range");
    }
    case NodeType::kString:
      if (node.text() == kNotKept) return Value::Error("it reads a value that is not kept");
      return Value::String(node.text());
    case NodeType::kArray:
    case NodeType::kObject: {
      Value v;
      v.type = node.is_array() ? Type::kList : Type::kMap;
      v.in_tree = true;
      v.node = &node;
      return v;
    }
    case NodeType::kPruned: return Value::Error("it reads a field that is not kept");
    case NodeType::kAbsent: break;
  }
  return Value::Error("no such key");
}

std::size_t SizeOf(const Value& value) {
  if (value.in_tree) return value.node->size();
  return value.is(Type::kMap) ? value.map->entries.size() : value.list->items.size();
}

std::optional<Value> Find(const Value& map, const Value& key) {
  if (map.in_tree) {
    if (!key.is(Type::kString)) return std::nullopt;
    const Node& found = (*map.node)[key.text()];
    if (found.type() == NodeType::kAbsent) return std::nullopt;
    return FromNode(found);
  }
  for (const auto& [own, value] : map.map->entries) {
    if (own.is_number() && key.is_number()) {
      const Value order = OrderNumbers(own, key);
      if (!order.is_error() && order.number == 0) return value;
    } else if (own.type == key.type) {
      if (own.is(Type::kString) ? own.text() == key.text() : own.is(Type::kBool) && own.boolean == key.boolean)
        return value;
    }
  }
  return std::nullopt;
}

Value At(const Value& list, std::int64_t index, Arena& arena) {
  const std::size_t size = SizeOf(list);
  if (index < 0 || static_cast<std::uint64_t>(index) >= size)
    return arena.Error("index out of bounds: " + std::to_string(index));
  const auto at = static_cast<std::size_t>(index);
  if (!list.in_tree) return list.list->items[at];
  if (!arena.Spend(at / 8)) return Value::Error("it takes too long");
  auto item = list.node->begin();
  for (std::size_t i = 0; i < at; ++i) ++item;
  return FromNode(*item);
}

Value Equal(const Value& a, const Value& b, Arena& arena) {
  if (!arena.Spend(1)) return Value::Bool(false);
  if (a.is_error()) return a;
  if (b.is_error()) return b;
  if (a.is_number() && b.is_number()) {
    const Value order = OrderNumbers(a, b);
    return Value::Bool(!order.is_error() && order.number == 0);
  }
  if (a.type != b.type) {
    // Kubernetes' types know only themselves; upstream they complain.
    if (a.type >= Type::kQuantity && !b.is(Type::kNull)) return Value::Error(kNoOverload);
    return Value::Bool(false);
  }
  switch (a.type) {
    case Type::kNull: return Value::Bool(true);
    case Type::kBool: return Value::Bool(a.boolean == b.boolean);
    case Type::kString:
    case Type::kBytes: arena.Spend(a.chars.size / 64); return Value::Bool(a.text() == b.text());
    case Type::kTimestamp: return Value::Bool(a.time == b.time);
    case Type::kDuration:
    case Type::kType: return Value::Bool(a.number == b.number);
    case Type::kList: return EqualLists(a, b, arena);
    case Type::kMap: return EqualMaps(a, b, arena);
    case Type::kOptional: {
      const auto& one = a.optional->value;
      const auto& other = b.optional->value;
      if (!one || !other) return Value::Bool(!one && !other);
      return Equal(*one, *other, arena);
    }
    case Type::kQuantity: return Value::Bool(a.quantity->nanos == b.quantity->nanos);
    case Type::kUrl:
      return Value::Bool(a.url->scheme == b.url->scheme && a.url->host == b.url->host && a.url->path == b.url->path &&
                         a.url->query == b.url->query);
    case Type::kIp: return Value::Bool(a.ip->v6 == b.ip->v6 && a.ip->bytes == b.ip->bytes);
    case Type::kCidr:
      return Value::Bool(a.ip->v6 == b.ip->v6 && a.ip->bytes == b.ip->bytes && a.ip->bits == b.ip->bits);
    default: return Value::Error(kNoOverload);
  }
}

Value Compare(const Value& a, const Value& b) {
  if (a.is_error()) return a;
  if (b.is_error()) return b;
  if (a.is_number() && b.is_number()) return OrderNumbers(a, b);
  if (a.type != b.type) return Value::Error(kNoOverload);
  switch (a.type) {
    case Type::kBool: return Order(a.boolean, b.boolean);
    case Type::kString:
    case Type::kBytes: return Order(a.text(), b.text());
    case Type::kTimestamp: return Order(a.time, b.time);
    case Type::kDuration: return Order(a.number, b.number);
    default: return Value::Error(kNoOverload);
  }
}

Value Contains(const Value& container, const Value& item, Arena& arena) {
  if (container.is(Type::kMap)) {
    if (!arena.Spend(SizeOf(container) / 8)) return Value::Error("it takes too long");
    const std::optional<Value> found = Find(container, item);
    return Value::Bool(found.has_value());
  }
  if (!container.is(Type::kList)) return Value::Error(kNoOverload);
  Value result = Value::Bool(false), error;
  ForEach(container, [&](const Value& one, const Value&) {
    if (one.is_error() && !error.is_error()) error = one;
    const Value equal = Equal(one, item, arena);  // what cannot be compared is not it
    if (equal.is(Type::kBool) && equal.boolean) result = equal;
    return !result.boolean && !arena.exhausted();
  });
  return result.boolean || !error.is_error() ? result : error;
}

}  // namespace seaworthy::support::cel
