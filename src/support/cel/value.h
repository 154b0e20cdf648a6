// What an expression computes with. Values are small and refer to what owns them: the JSON tree, the program, or the
// evaluation's arena.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/cel/program.h"
#include "support/json.h"

namespace seaworthy::support::cel {

enum class Type : std::uint8_t {
  kError,
  kNull,
  kBool,
  kInt,
  kUint,
  kDouble,
  kString,
  kBytes,
  kTimestamp,
  kDuration,
  kList,
  kMap,
  kType,
  kOptional,
  // Kubernetes' own.
  kQuantity,
  kUrl,
  kIp,
  kCidr,
  // Known to the checker only.
  kDyn,
  kParamA,
  kParamB,
};
std::string_view TypeName(Type type);

// 128 bits, which the standard does not have.
__extension__ typedef __int128 Wide;
__extension__ typedef unsigned __int128 UnsignedWide;

class Arena;
struct ListValue;
struct MapValue;
struct OptionalValue;
struct Quantity;
struct Url;
struct Ip;

struct Time {
  std::int64_t seconds = 0;
  std::int32_t nanos = 0;
  auto operator<=>(const Time&) const = default;
};

struct Value {
  struct Chars {
    const char* data;
    std::size_t size;
  };

  Type type = Type::kNull;
  bool in_tree = false;  // a list or map that is a node
  union {
    bool boolean;
    std::int64_t number;  // kInt; nanoseconds of kDuration; the Type of kType
    std::uint64_t unsigned_number;
    double real;
    Chars chars;  // kString, kBytes, kError
    Time time;
    const Node* node;
    const ListValue* list;
    const MapValue* map;
    const OptionalValue* optional;
    const Quantity* quantity;
    const Url* url;
    const Ip* ip;  // kIp, kCidr
  };

  Value() : number(0) {}
  static Value Null() { return {}; }
  static Value Bool(bool value) {
    Value v;
    v.type = Type::kBool;
    v.boolean = value;
    return v;
  }
  static Value Int(std::int64_t value) {
    Value v;
    v.type = Type::kInt;
    v.number = value;
    return v;
  }
  static Value Uint(std::uint64_t value) {
    Value v;
    v.type = Type::kUint;
    v.unsigned_number = value;
    return v;
  }
  static Value Double(double value) {
    Value v;
    v.type = Type::kDouble;
    v.real = value;
    return v;
  }
  // The characters must outlive the value.
  static Value Text(Type type, std::string_view text) {
    Value v;
    v.type = type;
    v.chars = {text.data(), text.size()};
    return v;
  }
  static Value String(std::string_view text) { return Text(Type::kString, text); }
  // `why` must be of static storage or in the arena.
  static Value Error(std::string_view why) { return Text(Type::kError, why); }
  static Value Timestamp(Time time) {
    Value v;
    v.type = Type::kTimestamp;
    v.time = time;
    return v;
  }
  static Value Duration(std::int64_t nanoseconds) {
    Value v = Int(nanoseconds);
    v.type = Type::kDuration;
    return v;
  }
  static Value TypeOf(Type type) {
    Value v = Int(static_cast<std::int64_t>(type));
    v.type = Type::kType;
    return v;
  }
  static Value Of(const ListValue* list) {
    Value v;
    v.type = Type::kList;
    v.list = list;
    return v;
  }
  static Value Of(const MapValue* map) {
    Value v;
    v.type = Type::kMap;
    v.map = map;
    return v;
  }
  static Value Of(const OptionalValue* optional) {
    Value v;
    v.type = Type::kOptional;
    v.optional = optional;
    return v;
  }
  static Value Of(const Quantity* quantity) {
    Value v;
    v.type = Type::kQuantity;
    v.quantity = quantity;
    return v;
  }
  static Value Of(const Url* url) {
    Value v;
    v.type = Type::kUrl;
    v.url = url;
    return v;
  }
  static Value Of(Type type, const Ip* ip) {
    Value v;
    v.type = type;
    v.ip = ip;
    return v;
  }

  bool is(Type other) const { return type == other; }
  bool is_error() const { return type == Type::kError; }
  bool is_number() const { return type == Type::kInt || type == Type::kUint || type == Type::kDouble; }
  std::string_view text() const { return {chars.data, chars.size}; }
};

struct ListValue {
  std::vector<Value> items;
};
struct MapValue {
  std::vector<std::pair<Value, Value>> entries;
};
struct OptionalValue {
  std::optional<Value> value;
};

// resource.Quantity: a number with a decimal exponent, or (`decimal`) one that upstream holds with arbitrary precision.
struct Quantity {
  bool decimal = false;
  Wide nanos = 0;
  std::optional<std::int64_t> integer;  // AsInt64
  double approximate = 0;
};
struct Url {
  std::string scheme, host, path, query;
};
struct Ip {
  std::array<std::uint8_t, 16> bytes{};
  bool v6 = false;
  int bits = 0;  // of a CIDR
};

// Owns what one evaluation makes and counts what it costs.
class Arena {
 public:
  explicit Arena(const Limits& limits) : limits_(limits) {}

  // False once the evaluation has done too much: it then ends with an error.
  bool Spend(std::size_t steps) {
    steps_ += steps;
    return steps_ <= limits_.steps;
  }
  bool exhausted() const { return steps_ > limits_.steps || bytes_ > limits_.memory; }
  std::size_t steps() const { return steps_; }
  const Limits& limits() const { return limits_; }

  std::string_view Keep(std::string text) {
    Grow(text.size() + sizeof(std::string));
    return strings_.emplace_back(std::move(text));
  }
  Value String(std::string text) { return Value::String(Keep(std::move(text))); }
  Value Error(std::string why) { return Value::Error(Keep(std::move(why))); }
  Value List(std::vector<Value> items) {
    Grow((items.capacity() + 2) * sizeof(Value));
    return Value::Of(&lists_.emplace_back(ListValue{std::move(items)}));
  }
  Value Map(std::vector<std::pair<Value, Value>> entries) {
    Grow((entries.capacity() + 1) * 2 * sizeof(Value));
    return Value::Of(&maps_.emplace_back(MapValue{std::move(entries)}));
  }
  Value Optional(std::optional<Value> value) {
    Grow(sizeof(OptionalValue));
    return Value::Of(&optionals_.emplace_back(OptionalValue{value}));
  }
  Value Keep(Quantity quantity) {
    Grow(sizeof(Quantity));
    return Value::Of(&quantities_.emplace_back(quantity));
  }
  Value Keep(Url url) {
    Grow(sizeof(Url) + url.host.size() + url.path.size() + url.query.size());
    return Value::Of(&urls_.emplace_back(std::move(url)));
  }
  Value Keep(Type type, const Ip& ip) {
    Grow(sizeof(Ip));
    return Value::Of(type, &ips_.emplace_back(ip));
  }

 private:
  void Grow(std::size_t bytes) {
    bytes_ += bytes;
    steps_ += bytes / 64;
  }

  const Limits& limits_;
  std::size_t steps_ = 0, bytes_ = 0;
  std::deque<std::string> strings_;
  std::deque<ListValue> lists_;
  std::deque<MapValue> maps_;
  std::deque<OptionalValue> optionals_;
  std::deque<Quantity> quantities_;
  std::deque<Url> urls_;
  std::deque<Ip> ips_;
};

Value FromNode(const Node& node);

std::size_t SizeOf(const Value& list_or_map);
// The items of a list or the keys of a map, one by one. Stops when `fn` returns false.
template <typename Fn>
void ForEach(const Value& container, Fn&& fn) {
  if (container.in_tree) {
    for (const Node& child : *container.node) {
      const bool more =
          container.is(Type::kMap) ? fn(Value::String(child.key()), FromNode(child)) : fn(FromNode(child), Value());
      if (!more) return;
    }
  } else if (container.is(Type::kMap)) {
    for (const auto& [key, value] : container.map->entries) {
      if (!fn(key, value)) return;
    }
  } else {
    for (const Value& item : container.list->items) {
      if (!fn(item, Value())) return;
    }
  }
}

// nullopt: no such key. `key` may be of any type.
std::optional<Value> Find(const Value& map, const Value& key);
// An error beyond its ends. REQUIRES: a list
Value At(const Value& list, std::int64_t index, Arena& arena);

// Bool, or an error: values of different types are different, numbers are compared as numbers.
Value Equal(const Value& a, const Value& b, Arena& arena);
// -1, 0, 1, or an error where there is no order.
Value Compare(const Value& a, const Value& b);
// Whether `container` (list or map) has `item`.
Value Contains(const Value& container, const Value& item, Arena& arena);

inline constexpr std::string_view kNoOverload = "no such overload";

}  // namespace seaworthy::support::cel
