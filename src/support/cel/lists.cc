// Lists: Kubernetes' library (sum, min, isSorted...), cel-go's lists and sets.
#include <algorithm>

#include "support/cel/functions.h"

namespace seaworthy::support::cel {
namespace {

// The items, or the first of them that is an error.
struct Items {
  std::vector<Value> all;
  Value error;
};

Items ItemsOf(const Value& list, Arena& arena) {
  Items items;
  items.all.reserve(SizeOf(list));
  ForEach(list, [&](const Value& item, const Value&) {
    if (item.is_error()) items.error = item;
    items.all.push_back(item);
    return !item.is_error() && arena.Spend(1);
  });
  if (!items.error.is_error() && arena.exhausted()) items.error = Value::Error("it takes too long");
  return items;
}

Value IsSorted(const Call& call) {
  const Items items = ItemsOf(call.args[0], call.arena);
  if (items.error.is_error()) return items.error;
  for (std::size_t i = 1; i < items.all.size(); ++i) {
    const Value order = Compare(items.all[i - 1], items.all[i]);
    if (order.is_error()) return order;
    if (order.number > 0) return Value::Bool(false);
  }
  return Value::Bool(true);
}

// Of a list whose type only its items tell, the sum of none is the integer zero.
Value Sum(const Call& call) {
  const Items items = ItemsOf(call.args[0], call.arena);
  if (items.error.is_error()) return items.error;
  if (items.all.empty()) {
    const TypeRef& of = call.expression.checked;
    if (of.type == Type::kUint) return Value::Uint(0);
    if (of.type == Type::kDouble) return Value::Double(0);
    if (of.type == Type::kDuration) return Value::Duration(0);
    return Value::Int(0);
  }
  Value total = items.all.front();
  const std::vector<Overload>* plus = FunctionTable::Instance().Find("_+_");
  for (std::size_t i = 0; i < items.all.size(); ++i) {
    const Value& item = items.all[i];
    if ((!item.is_number() && !item.is(Type::kDuration)) || item.type != total.type) return Value::Error(kNoOverload);
    if (i == 0) continue;
    for (const Overload& overload : *plus) {
      if (overload.args[0].type != item.type || overload.args[1].type != item.type) continue;
      const Value args[] = {total, item};
      total = overload.run({args, call.arena, call.expression});
      if (total.is_error()) return total;
    }
  }
  return total;
}

Value Extreme(const Call& call, std::int64_t wanted) {
  const Items items = ItemsOf(call.args[0], call.arena);
  if (items.error.is_error()) return items.error;
  if (items.all.empty()) return Value::Error("min and max of an empty list");
  Value extreme = items.all.front();
  for (const Value& item : items.all) {
    const Value order = Compare(item, extreme);
    if (order.is_error()) return order;
    if (order.number == wanted) extreme = item;
  }
  return extreme;
}

Value IndexOf(const Call& call, bool last) {
  const Items items = ItemsOf(call.args[0], call.arena);
  if (items.error.is_error()) return items.error;
  std::int64_t found = -1;
  for (std::size_t i = 0; i < items.all.size() && (last || found < 0); ++i) {
    const Value equal = Equal(items.all[i], call.args[1], call.arena);
    if (equal.is(Type::kBool) && equal.boolean) found = static_cast<std::int64_t>(i);
  }
  return Value::Int(found);
}

Value Slice(const Call& call) {
  const std::int64_t first = call.args[1].number, last = call.args[2].number;
  if (first < 0 || last < 0) return Value::Error("slice: negative indexes are not supported");
  if (first > last) return Value::Error("slice: the start index must be less than or equal to the end index");
  Items items = ItemsOf(call.args[0], call.arena);
  if (items.error.is_error()) return items.error;
  if (static_cast<std::uint64_t>(last) > items.all.size())
    return Value::Error("slice: the end index is beyond the list");
  return call.arena.List({items.all.begin() + first, items.all.begin() + last});
}

Value FlattenInto(const Value& list, std::int64_t depth, std::vector<Value>& flat, Arena& arena) {
  Items items = ItemsOf(list, arena);
  if (items.error.is_error()) return items.error;
  for (const Value& item : items.all) {
    if (depth == 0 || !item.is(Type::kList)) {
      flat.push_back(item);
      continue;
    }
    const Value error = FlattenInto(item, depth - 1, flat, arena);
    if (error.is_error()) return error;
  }
  return Value();
}

Value Flatten(const Call& call) {
  const std::int64_t depth = call.args.size() == 2 ? call.args[1].number : 1;
  if (depth < 0) return Value::Error("flatten: the level must be non-negative");
  std::vector<Value> flat;
  const Value error = FlattenInto(call.args[0], std::min<std::int64_t>(depth, 64), flat, call.arena);
  return error.is_error() ? error : call.arena.List(std::move(flat));
}

Value Sort(const Call& call) {
  Items items = ItemsOf(call.args[0], call.arena);
  if (items.error.is_error()) return items.error;
  for (const Value& item : items.all) {
    if (item.type != items.all.front().type) return Value::Error("list elements must have the same type");
    if (const Value order = Compare(item, item); order.is_error()) return order;
  }
  if (!call.arena.Spend(items.all.size() * 8)) return Value::Error("it takes too long");
  std::stable_sort(items.all.begin(), items.all.end(),
                   [](const Value& a, const Value& b) { return Compare(a, b).number < 0; });
  return call.arena.List(std::move(items.all));
}

Value Reverse(const Call& call) {
  Items items = ItemsOf(call.args[0], call.arena);
  if (items.error.is_error()) return items.error;
  std::reverse(items.all.begin(), items.all.end());
  return call.arena.List(std::move(items.all));
}

Value Distinct(const Call& call) {
  const Items items = ItemsOf(call.args[0], call.arena);
  if (items.error.is_error()) return items.error;
  std::vector<Value> unique;
  for (const Value& item : items.all) {
    bool seen = false;
    for (const Value& other : unique) {
      const Value equal = Equal(item, other, call.arena);
      seen |= equal.is(Type::kBool) && equal.boolean;
      if (seen || call.arena.exhausted()) break;
    }
    if (call.arena.exhausted()) return Value::Error("it takes too long");
    if (!seen) unique.push_back(item);
  }
  return call.arena.List(std::move(unique));
}

Value Range(const Call& call) {
  const std::int64_t size = call.args[0].number;
  if (size > static_cast<std::int64_t>(call.arena.limits().list_items)) return Value::Error("it makes too long a list");
  std::vector<Value> items;
  for (std::int64_t i = 0; i < size; ++i) items.push_back(Value::Int(i));
  return call.arena.List(std::move(items));
}

Value HasAll(const Value& list, const Value& wanted, Arena& arena) {
  Value result = Value::Bool(true);
  ForEach(wanted, [&](const Value& item, const Value&) {
    result = item.is_error() ? item : Contains(list, item, arena);
    return result.is(Type::kBool) && result.boolean && !arena.exhausted();
  });
  return result;
}

Value Intersects(const Call& call) {
  Value result = Value::Bool(false);
  ForEach(call.args[0], [&](const Value& item, const Value&) {
    result = item.is_error() ? item : Contains(call.args[1], item, call.arena);
    return result.is(Type::kBool) && !result.boolean && !call.arena.exhausted();
  });
  return result;
}

}  // namespace

void AddLists(FunctionTable& table) {
  const std::string_view comparable[] = {"int", "uint", "double", "bool", "duration", "timestamp", "string", "bytes"};
  for (const std::string_view type : comparable) {
    const std::string list = "list(" + std::string(type) + ")";
    table.Add("isSorted", list + ".() -> bool", IsSorted);
    table.Add("min", list + ".() -> " + std::string(type), [](const Call& call) { return Extreme(call, -1); });
    table.Add("max", list + ".() -> " + std::string(type), [](const Call& call) { return Extreme(call, 1); });
    table.Add("sort", list + ".() -> " + list, Sort);
  }
  for (const std::string_view type : {"int", "uint", "double", "duration"}) {
    table.Add("sum", "list(" + std::string(type) + ").() -> " + std::string(type), Sum);
  }
  table.Add("indexOf", "list(A).(A) -> int", [](const Call& call) { return IndexOf(call, false); });
  table.Add("lastIndexOf", "list(A).(A) -> int", [](const Call& call) { return IndexOf(call, true); });
  table.Add("slice", "list(A).(int, int) -> list(A)", Slice);
  table.Add("flatten", "list(list(A)).() -> list(A)", Flatten);
  table.Add("flatten", "list(dyn).(int) -> list(dyn)", Flatten);
  table.Add("reverse", "list(A).() -> list(A)", Reverse);
  table.Add("distinct", "list(A).() -> list(A)", Distinct);
  table.Add("lists.range", "(int) -> list(int)", Range);
  table.Add("sets.contains", "(list(A), list(A)) -> bool",
            [](const Call& call) { return HasAll(call.args[0], call.args[1], call.arena); });
  table.Add("sets.equivalent", "(list(A), list(A)) -> bool", [](const Call& call) {
    const Value one = HasAll(call.args[0], call.args[1], call.arena);
    return one.is_error() || !one.boolean ? one : HasAll(call.args[1], call.args[0], call.arena);
  });
  table.Add("sets.intersects", "(list(A), list(A)) -> bool", Intersects);
}

}  // namespace seaworthy::support::cel
