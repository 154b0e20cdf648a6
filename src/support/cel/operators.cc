// Operators, and what looks like functions but is part of the language: size, type, optional values.
#include <cmath>
#include <limits>
#include <string>

#include "support/cel/functions.h"

namespace seaworthy::support::cel {
namespace {

constexpr std::string_view kOverflow = "integer overflow", kByZero = "division by zero";
constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();

Value Add(const Call& call) {
  const Value &a = call.args[0], &b = call.args[1];
  std::int64_t sum = 0;
  std::uint64_t unsigned_sum = 0;
  switch (a.type) {
    case Type::kInt:
      return __builtin_add_overflow(a.number, b.number, &sum) ? Value::Error(kOverflow) : Value::Int(sum);
    case Type::kUint:
      return __builtin_add_overflow(a.unsigned_number, b.unsigned_number, &unsigned_sum) ? Value::Error(kOverflow)
                                                                                         : Value::Uint(unsigned_sum);
    case Type::kDouble: return Value::Double(a.real + b.real);
    case Type::kString:
    case Type::kBytes: {
      std::string joined(a.text());
      joined += b.text();
      return Value::Text(a.type, call.arena.Keep(std::move(joined)));
    }
    default: return Value::Error(kNoOverload);
  }
}

Value AddLists(const Call& call) {
  std::vector<Value> items;
  Value error;
  items.reserve(SizeOf(call.args[0]) + SizeOf(call.args[1]));
  for (const Value& list : call.args) {
    ForEach(list, [&](const Value& item, const Value&) {
      if (item.is_error()) error = item;
      items.push_back(item);
      return !item.is_error();
    });
  }
  return error.is_error() ? error : call.arena.List(std::move(items));
}

Value Subtract(const Call& call) {
  const Value &a = call.args[0], &b = call.args[1];
  std::int64_t difference = 0;
  std::uint64_t unsigned_difference = 0;
  switch (a.type) {
    case Type::kInt:
      return __builtin_sub_overflow(a.number, b.number, &difference) ? Value::Error(kOverflow) : Value::Int(difference);
    case Type::kUint:
      return __builtin_sub_overflow(a.unsigned_number, b.unsigned_number, &unsigned_difference)
                 ? Value::Error(kOverflow)
                 : Value::Uint(unsigned_difference);
    case Type::kDouble: return Value::Double(a.real - b.real);
    default: return Value::Error(kNoOverload);
  }
}

Value Multiply(const Call& call) {
  const Value &a = call.args[0], &b = call.args[1];
  std::int64_t product = 0;
  std::uint64_t unsigned_product = 0;
  switch (a.type) {
    case Type::kInt:
      return __builtin_mul_overflow(a.number, b.number, &product) ? Value::Error(kOverflow) : Value::Int(product);
    case Type::kUint:
      return __builtin_mul_overflow(a.unsigned_number, b.unsigned_number, &unsigned_product)
                 ? Value::Error(kOverflow)
                 : Value::Uint(unsigned_product);
    case Type::kDouble: return Value::Double(a.real * b.real);
    default: return Value::Error(kNoOverload);
  }
}

Value Divide(const Call& call) {
  const Value &a = call.args[0], &b = call.args[1];
  switch (a.type) {
    case Type::kInt:
      if (b.number == 0) return Value::Error(kByZero);
      if (a.number == kLeast && b.number == -1) return Value::Error(kOverflow);
      return Value::Int(a.number / b.number);
    case Type::kUint:
      return b.unsigned_number == 0 ? Value::Error(kByZero) : Value::Uint(a.unsigned_number / b.unsigned_number);
    case Type::kDouble: {
      // Zero divides as IEEE 754 has it.
      constexpr double kInfinity = std::numeric_limits<double>::infinity();
      if (b.real != 0) return Value::Double(a.real / b.real);
      if (a.real == 0 || std::isnan(a.real)) return Value::Double(std::numeric_limits<double>::quiet_NaN());
      return Value::Double(std::signbit(a.real) == std::signbit(b.real) ? kInfinity : -kInfinity);
    }
    default: return Value::Error(kNoOverload);
  }
}

Value Modulo(const Call& call) {
  const Value &a = call.args[0], &b = call.args[1];
  if (a.is(Type::kUint))
    return b.unsigned_number == 0 ? Value::Error("modulus by zero")
                                  : Value::Uint(a.unsigned_number % b.unsigned_number);
  if (b.number == 0) return Value::Error("modulus by zero");
  if (a.number == kLeast && b.number == -1) return Value::Error(kOverflow);
  return Value::Int(a.number % b.number);
}

Value Negate(const Call& call) {
  const Value& a = call.args[0];
  if (a.is(Type::kDouble)) return Value::Double(-a.real);
  return a.number == kLeast ? Value::Error(kOverflow) : Value::Int(-a.number);
}

template <typename Test>
Value Ordered(const Call& call, Test test) {
  call.arena.Spend(call.args[0].is(Type::kString) ? call.args[0].chars.size / 64 : 0);
  const Value order = Compare(call.args[0], call.args[1]);
  return order.is_error() ? order : Value::Bool(test(order.number));
}

Value Unequal(const Call& call) {
  const Value equal = Equal(call.args[0], call.args[1], call.arena);
  return equal.is_error() ? equal : Value::Bool(!equal.boolean);
}

// A list takes any number that is whole.
std::optional<std::int64_t> Position(const Value& index) {
  if (index.is(Type::kInt)) return index.number;
  if (index.is(Type::kUint) &&
      index.unsigned_number <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return static_cast<std::int64_t>(index.unsigned_number);
  }
  if (index.is(Type::kDouble) && std::fabs(index.real) < 1e15 && std::trunc(index.real) == index.real)
    return static_cast<std::int64_t>(index.real);
  return std::nullopt;
}

bool IsKey(const Value& key) { return key.is_number() || key.is(Type::kString) || key.is(Type::kBool); }

std::string NoSuchKey(const Value& key) {
  if (!key.is(Type::kString)) return "no such key";
  return "no such key: " + std::string(key.text().substr(0, 64));
}

Value Index(const Call& call) {
  const Value &of = call.args[0], &index = call.args[1];
  if (of.is(Type::kList)) {
    const std::optional<std::int64_t> position = Position(index);
    return position ? At(of, *position, call.arena) : Value::Error("unsupported index type");
  }
  if (of.is(Type::kMap)) {
    if (!IsKey(index)) return Value::Error("unsupported key type");
    call.arena.Spend(SizeOf(of) / 8);
    const std::optional<Value> found = Find(of, index);
    return found ? *found : call.arena.Error(NoSuchKey(index));
  }
  if (of.is(Type::kOptional)) {
    if (!of.optional->value) return of;
    const Value args[] = {*of.optional->value, index};
    if (!args[0].is(Type::kList) && !args[0].is(Type::kMap)) return Value::Error(kNoOverload);
    if (args[0].is(Type::kMap) ? !IsKey(index) : !Position(index)) return Value::Error("unsupported index type");
    const bool there = args[0].is(Type::kMap) ? Find(args[0], index).has_value()
                                              : !At(args[0], Position(index).value_or(-1), call.arena).is_error();
    if (!there) return call.arena.Optional(std::nullopt);
    const Value found = Index({args, call.arena, call.expression});
    return found.is_error() ? found : call.arena.Optional(found);
  }
  return Value::Error(kNoOverload);
}

Value OptionalIndex(const Call& call) {
  if (call.args[0].is(Type::kOptional)) return Index(call);
  if (!call.args[0].is(Type::kList) && !call.args[0].is(Type::kMap)) return Value::Error(kNoOverload);
  const Value optional = call.arena.Optional(call.args[0]);
  const Value args[] = {optional, call.args[1]};
  return Index({args, call.arena, call.expression});
}

Value Size(const Call& call) {
  const Value& of = call.args[0];
  switch (of.type) {
    case Type::kString: {
      std::int64_t characters = 0;
      for (const char c : of.text()) characters += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
      call.arena.Spend(of.chars.size / 16);
      return Value::Int(characters);
    }
    case Type::kBytes: return Value::Int(static_cast<std::int64_t>(of.chars.size));
    default: {
      const std::size_t size = SizeOf(of);
      call.arena.Spend(size / 8);
      return Value::Int(static_cast<std::int64_t>(size));
    }
  }
}

bool IsZero(const Value& value) {
  switch (value.type) {
    case Type::kNull: return true;
    case Type::kBool: return !value.boolean;
    case Type::kInt:
    case Type::kDuration: return value.number == 0;
    case Type::kUint: return value.unsigned_number == 0;
    case Type::kDouble: return value.real == 0;
    case Type::kString:
    case Type::kBytes: return value.chars.size == 0;
    case Type::kList:
    case Type::kMap: return SizeOf(value) == 0;
    case Type::kOptional: return !value.optional->value;
    default: return false;
  }
}

}  // namespace

void AddOperators(FunctionTable& table) {
  for (const std::string_view number : {"int", "uint", "double"}) {
    const std::string pair = "(" + std::string(number) + ", " + std::string(number) + ") -> " + std::string(number);
    table.Add("_+_", pair, Add);
    table.Add("_-_", pair, Subtract);
    table.Add("_*_", pair, Multiply);
    table.Add("_/_", pair, Divide);
    if (number != "double") table.Add("_%_", pair, Modulo);
  }
  table.Add("_+_", "(string, string) -> string", Add);
  table.Add("_+_", "(bytes, bytes) -> bytes", Add);
  table.Add("_+_", "(list(A), list(A)) -> list(A)", AddLists);
  table.Add("-_", "(int) -> int", Negate);
  table.Add("-_", "(double) -> double", Negate);
  table.Add("!_", "(bool) -> bool", [](const Call& call) { return Value::Bool(!call.args[0].boolean); });

  const auto relation = [&table](std::string_view name, Function run) {
    for (const std::string_view type : {"bool", "string", "bytes", "timestamp", "duration"}) {
      table.Add(name, "(" + std::string(type) + ", " + std::string(type) + ") -> bool", run);
    }
    for (const std::string_view one : {"int", "uint", "double"}) {
      for (const std::string_view other : {"int", "uint", "double"}) {
        table.Add(name, "(" + std::string(one) + ", " + std::string(other) + ") -> bool", run);
      }
    }
  };
  relation("_<_", [](const Call& call) { return Ordered(call, [](std::int64_t order) { return order < 0; }); });
  relation("_<=_", [](const Call& call) { return Ordered(call, [](std::int64_t order) { return order <= 0; }); });
  relation("_>_", [](const Call& call) { return Ordered(call, [](std::int64_t order) { return order > 0; }); });
  relation("_>=_", [](const Call& call) { return Ordered(call, [](std::int64_t order) { return order >= 0; }); });
  table.Add(
      "_==_", "(A, A) -> bool", [](const Call& call) { return Equal(call.args[0], call.args[1], call.arena); }, true);
  table.Add("_!=_", "(A, A) -> bool", Unequal, true);
  const Function in = [](const Call& call) { return Contains(call.args[1], call.args[0], call.arena); };
  table.Add("@in", "(A, list(A)) -> bool", in, true);
  table.Add("@in", "(A, map(A, B)) -> bool", in, true);
  table.Add("_[_]", "(list(A), int) -> A", Index, true);
  table.Add("_[_]", "(map(A, B), A) -> B", Index, true);
  table.Add("_[_]", "(optional(list(A)), int) -> optional(A)", Index, true);
  table.Add("_[_]", "(optional(map(A, B)), A) -> optional(B)", Index, true);
  table.Add("_[?_]", "(list(A), int) -> optional(A)", OptionalIndex, true);
  table.Add("_[?_]", "(map(A, B), A) -> optional(B)", OptionalIndex, true);
  table.Add("_[?_]", "(optional(list(A)), int) -> optional(A)", OptionalIndex, true);
  table.Add("_[?_]", "(optional(map(A, B)), A) -> optional(B)", OptionalIndex, true);

  for (const std::string_view type : {"string", "bytes", "list(A)", "map(A, B)"}) {
    table.Add("size", "(" + std::string(type) + ") -> int", Size);
    table.Add("size", std::string(type) + ".() -> int", Size);
  }
  table.Add("dyn", "(A) -> dyn", [](const Call& call) { return call.args[0]; }, true);
  table.Add("type", "(A) -> type", [](const Call& call) { return Value::TypeOf(call.args[0].type); }, true);

  table.Add(
      "optional.of", "(A) -> optional(A)", [](const Call& call) { return call.arena.Optional(call.args[0]); }, true);
  table.Add("optional.none", "() -> optional(A)", [](const Call& call) { return call.arena.Optional(std::nullopt); });
  table.Add(
      "optional.ofNonZeroValue", "(A) -> optional(A)",
      [](const Call& call) {
        return call.arena.Optional(IsZero(call.args[0]) ? std::nullopt : std::optional(call.args[0]));
      },
      true);
  table.Add("hasValue", "optional(A).() -> bool",
            [](const Call& call) { return Value::Bool(call.args[0].optional->value.has_value()); });
  table.Add("value", "optional(A).() -> A", [](const Call& call) {
    const auto& value = call.args[0].optional->value;
    return value ? *value : Value::Error("optional.none() dereference");
  });
}

}  // namespace seaworthy::support::cel
