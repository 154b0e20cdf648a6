// The checker: gives each part of an expression a type, each call the functions that it can mean, each name a place.
// What cannot be right for any value is an error here, as the API server has it (cel-go's checker); what depends on the
// value is left to the evaluation.
#include <algorithm>
#include <optional>

#include "support/cel/functions.h"

namespace seaworthy::support::cel {
namespace {

TypeRef Of(Type type) { return {type, {}}; }
TypeRef ListOf(TypeRef item) { return {Type::kList, {std::move(item)}}; }
TypeRef MapOf(TypeRef key, TypeRef value) { return {Type::kMap, {std::move(key), std::move(value)}}; }
TypeRef OptionalOf(TypeRef value) { return {Type::kOptional, {std::move(value)}}; }
TypeRef Parameter(const TypeRef& type, std::size_t at) { return at < type.of.size() ? type.of[at] : Of(Type::kDyn); }

std::string Shown(const TypeRef& type) {
  std::string text(TypeName(type.type));
  if (type.of.empty()) return text;
  text += '(';
  for (std::size_t i = 0; i < type.of.size(); ++i) text += (i == 0 ? "" : ", ") + Shown(type.of[i]);
  return text + ')';
}

bool TakesNull(Type type) {
  return type == Type::kNull || type == Type::kTimestamp || type == Type::kDuration || type == Type::kOptional ||
         type >= Type::kQuantity;
}

// The more general of two types, or nothing where no value has both.
std::optional<TypeRef> Join(const TypeRef& a, const TypeRef& b) {
  if (a.type == Type::kDyn || b.type == Type::kDyn) return Of(Type::kDyn);
  if (a.type != b.type) {
    if (a.type == Type::kNull && TakesNull(b.type)) return b;
    if (b.type == Type::kNull && TakesNull(a.type)) return a;
    return std::nullopt;
  }
  TypeRef joined = Of(a.type);
  for (std::size_t i = 0; i < std::max(a.of.size(), b.of.size()); ++i) {
    std::optional<TypeRef> parameter = Join(Parameter(a, i), Parameter(b, i));
    if (!parameter) return std::nullopt;
    joined.of.push_back(*std::move(parameter));
  }
  return joined;
}

struct Bindings {
  std::optional<TypeRef> a, b;
  std::optional<TypeRef>& operator[](Type parameter) { return parameter == Type::kParamA ? a : b; }
};

bool Accepts(const TypeRef& wanted, const TypeRef& given, Bindings& bound) {
  if (wanted.type == Type::kParamA || wanted.type == Type::kParamB) {
    std::optional<TypeRef>& binding = bound[wanted.type];
    if (!binding) {
      binding = given;
      return true;
    }
    std::optional<TypeRef> joined = Join(*binding, given);
    if (!joined) return false;
    // Of an unknown and a known type the known one says more about the result; it is checked again when it runs.
    if (joined->type == Type::kDyn && binding->type == Type::kDyn) joined = given;
    if (joined->type == Type::kDyn && given.type == Type::kDyn) joined = *binding;
    binding = std::move(joined);
    return true;
  }
  if (wanted.type == Type::kDyn || given.type == Type::kDyn) return true;
  if (wanted.type != given.type) return given.type == Type::kNull && TakesNull(wanted.type);
  for (std::size_t i = 0; i < wanted.of.size(); ++i) {
    if (!Accepts(wanted.of[i], Parameter(given, i), bound)) return false;
  }
  return true;
}

TypeRef Substituted(const TypeRef& type, Bindings& bound) {
  if (type.type == Type::kParamA || type.type == Type::kParamB) return bound[type.type].value_or(Of(Type::kDyn));
  TypeRef result = Of(type.type);
  for (const TypeRef& parameter : type.of) result.of.push_back(Substituted(parameter, bound));
  return result;
}

class Checker {
 public:
  Checker(std::string_view source, const std::vector<std::string>& variables, const Limits& limits)
      : source_(source), limits_(limits) {
    for (const std::string& name : variables) scope_.push_back({name, Of(Type::kDyn)});
  }

  Status Run(Expression& expression) {
    const TypeRef type = Check(expression);
    if (error_.empty() && type.type != Type::kBool && type.type != Type::kDyn)
      Fail(expression, "must evaluate to bool, not to " + Shown(type));
    return error_.empty() ? Status::Ok() : Status(Code::kInvalidArgument, error_);
  }

 private:
  struct Variable {
    std::string name;
    TypeRef type;
  };

  TypeRef Fail(const Expression& at, std::string_view message) {
    if (error_.empty()) error_ = Complaint(source_, at.at, message);
    return Of(Type::kDyn);
  }

  const TypeRef& Check(Expression& e) {
    e.checked = error_.empty() ? TypeOf(e) : Of(Type::kDyn);
    return e.checked;
  }

  TypeRef TypeOf(Expression& e) {
    switch (e.op) {
      case Op::kConstant: return Of(e.constant.type);
      case Op::kIdent: return Ident(e);
      case Op::kSelect: return Select(e);
      case Op::kHas: Select(e); return Of(Type::kBool);
      case Op::kCall: return CallOf(e);
      case Op::kList: return List(e);
      case Op::kMap: return Map(e);
      case Op::kAnd:
      case Op::kOr:
        for (const ExpressionPtr& arg : e.args) Condition(*arg, e, e.op == Op::kAnd ? "_&&_" : "_||_");
        return Of(Type::kBool);
      case Op::kChoice: {
        Condition(*e.args[0], e, "_?_:_");
        const TypeRef yes = Check(*e.args[1]), no = Check(*e.args[2]);
        const std::optional<TypeRef> joined = Join(yes, no);
        if (!joined)
          return Fail(
              e, "found no matching overload for '_?_:_' applied to '(bool, " + Shown(yes) + ", " + Shown(no) + ")'");
        return *joined;
      }
      default: return Macro(e);
    }
  }

  void Condition(Expression& condition, const Expression& of, std::string_view name) {
    const TypeRef& type = Check(condition);
    if (type.type == Type::kBool || type.type == Type::kDyn) return;
    Fail(of, "found no matching overload for '" + std::string(name) + "' applied to '" + Shown(type) + "'");
  }

  bool IsVariable(std::string_view name) const {
    return std::any_of(scope_.begin(), scope_.end(), [&](const Variable& variable) { return variable.name == name; });
  }

  TypeRef Ident(Expression& e) {
    for (std::size_t i = scope_.size(); i-- > 0;) {
      if (scope_[i].name != e.name) continue;
      e.slot = static_cast<int>(i);
      return scope_[i].type;
    }
    static constexpr std::pair<std::string_view, Type> kTypes[] = {
        {"bool", Type::kBool},      {"int", Type::kInt},     {"uint", Type::kUint}, {"double", Type::kDouble},
        {"string", Type::kString},  {"bytes", Type::kBytes}, {"list", Type::kList}, {"map", Type::kMap},
        {"null_type", Type::kNull}, {"type", Type::kType},
    };
    for (const auto& [name, type] : kTypes) {
      if (name != e.name) continue;
      e.op = Op::kConstant;
      e.constant = Value::TypeOf(type);
      return Of(Type::kType);
    }
    return Fail(e, "undeclared reference to '" + e.name + "'");
  }

  TypeRef Select(Expression& e) {
    TypeRef of = Check(*e.args[0]);
    const bool optional = of.type == Type::kOptional;
    if (optional) of = Parameter(of, 0);
    TypeRef field = Of(Type::kDyn);
    if (of.type == Type::kMap) {
      const TypeRef key = Parameter(of, 0);
      if (key.type != Type::kString && key.type != Type::kDyn)
        return Fail(e, "type '" + Shown(of) + "' does not support field selection");
      field = Parameter(of, 1);
    } else if (of.type != Type::kDyn) {
      return Fail(e, "type '" + Shown(of) + "' does not support field selection");
    }
    return optional || e.optional ? OptionalOf(field) : field;
  }

  // "a.b" for a chain of names that begins with none of the variables.
  std::optional<std::string> Path(const Expression& e) const {
    if (e.op == Op::kIdent) return IsVariable(e.name) ? std::nullopt : std::optional(e.name);
    if (e.op != Op::kSelect || e.optional) return std::nullopt;
    std::optional<std::string> path = Path(*e.args[0]);
    if (path) *path += "." + e.name;
    return path;
  }

  TypeRef CallOf(Expression& e) {
    const FunctionTable& table = FunctionTable::Instance();
    if (e.member) {
      if (const std::optional<std::string> path = Path(*e.args[0])) {
        if (table.Find(*path + "." + e.name) != nullptr) {
          e.name = *path + "." + e.name;
          e.member = false;
          e.args.erase(e.args.begin());
        }
      }
    }
    const std::vector<Overload>* known = table.Find(e.name);
    if (e.name == "or" || e.name == "orValue") return OrValue(e);
    if (known == nullptr) return Fail(e, "undeclared reference to '" + e.name + "'");
    std::vector<TypeRef> given;
    for (const ExpressionPtr& arg : e.args) given.push_back(Check(*arg));
    if (!error_.empty()) return Of(Type::kDyn);
    std::optional<TypeRef> result;
    for (const Overload& overload : *known) {
      if (overload.member != e.member || overload.args.size() != given.size()) continue;
      Bindings bound;
      bool accepted = true;
      for (std::size_t i = 0; i < given.size() && accepted; ++i) accepted = Accepts(overload.args[i], given[i], bound);
      if (!accepted) continue;
      e.overloads.push_back(&overload);
      TypeRef own = Substituted(overload.result, bound);
      if (!result) {
        result = std::move(own);
      } else if (!(*result == own)) {
        result = Of(Type::kDyn);
      }
    }
    if (!result) {
      std::string types;
      for (std::size_t i = 0; i < given.size(); ++i) {
        types +=
            e.member && i == 0 ? Shown(given[i]) + ".(" : (i == (e.member ? 1U : 0U) ? "" : ", ") + Shown(given[i]);
      }
      return Fail(
          e, "found no matching overload for '" + e.name + "' applied to '" + (e.member ? types : "(" + types) + ")'");
    }
    Literals(e);
    return *result;
  }

  // a.or(b), a.orValue(b): b is evaluated only where a has none.
  TypeRef OrValue(Expression& e) {
    if (!e.member || e.args.size() != 2) return Fail(e, "undeclared reference to '" + e.name + "'");
    const TypeRef of = Check(*e.args[0]), other = Check(*e.args[1]);
    const TypeRef value = of.type == Type::kOptional ? Parameter(of, 0) : Of(Type::kDyn);
    const bool is_or = e.name == "or";
    const std::optional<TypeRef> joined = Join(is_or ? OptionalOf(value) : value, other);
    if ((of.type != Type::kOptional && of.type != Type::kDyn) || !joined) {
      return Fail(
          e, "found no matching overload for '" + e.name + "' applied to '" + Shown(of) + ".(" + Shown(other) + ")'");
    }
    return *joined;
  }

  // What a literal says is checked at once: the API server does, too.
  void Literals(Expression& e) {
    const auto literal = [&](std::size_t at) -> const std::string* {
      if (at >= e.args.size() || e.args[at]->op != Op::kConstant || !e.args[at]->constant.is(Type::kString))
        return nullptr;
      return &e.args[at]->text;
    };
    if (e.name == "timestamp" && literal(0) != nullptr && !IsTimestamp(*literal(0)))
      Fail(*e.args[0], "invalid timestamp argument");
    if (e.name == "duration" && literal(0) != nullptr && !IsDuration(*literal(0)))
      Fail(*e.args[0], "invalid duration argument");
    if ((e.name == "matches" || e.name == "find" || e.name == "findAll") && literal(1) != nullptr) {
      std::string error;
      e.regex = CompileRegex(*literal(1), error);
      if (e.regex == nullptr) Fail(*e.args[1], "invalid regular expression: " + error);
    }
    if (e.name.starts_with("get") && e.member && e.args.size() == 2 &&
        (literal(1) == nullptr || !IsTimeZone(*literal(1)))) {
      Fail(*e.args[1], "time zones other than 'UTC' and literal offsets such as '+02:00' are not supported");
    }
  }

  // The type of all of them; complains about the first that differs.
  void Merge(std::optional<TypeRef>& all, const TypeRef& one, const Expression& at) {
    if (!all) {
      all = one;
      return;
    }
    // Upstream refuses a mixture with what it knows nothing of, too.
    const bool mixed = (all->type == Type::kDyn) != (one.type == Type::kDyn);
    const std::optional<TypeRef> joined = mixed ? std::nullopt : Join(*all, one);
    if (!joined) {
      Fail(at, "expected type '" + Shown(*all) + "' but found '" + Shown(one) + "'");
      return;
    }
    all = joined;
  }

  TypeRef Unwrapped(const TypeRef& type, bool optional, const Expression& at) {
    if (!optional || type.type == Type::kDyn) return type;
    if (type.type == Type::kOptional) return Parameter(type, 0);
    return Fail(at, "expected type 'optional_type' but found '" + Shown(type) + "'");
  }

  TypeRef List(Expression& e) {
    std::optional<TypeRef> item;
    for (std::size_t i = 0; i < e.args.size(); ++i)
      Merge(item, Unwrapped(Check(*e.args[i]), e.optional_args[i], *e.args[i]), *e.args[i]);
    return ListOf(item.value_or(Of(Type::kDyn)));
  }

  TypeRef Map(Expression& e) {
    std::optional<TypeRef> key, value;
    for (std::size_t i = 0; i < e.args.size(); i += 2) {
      const TypeRef own = Check(*e.args[i]);
      if (own.type != Type::kString && own.type != Type::kInt && own.type != Type::kUint && own.type != Type::kBool &&
          own.type != Type::kDyn) {
        return Fail(*e.args[i], "type '" + Shown(own) + "' cannot be the key of a map");
      }
      Merge(key, own, *e.args[i]);
      Merge(value, Unwrapped(Check(*e.args[i + 1]), e.optional_args[i / 2], *e.args[i + 1]), *e.args[i + 1]);
    }
    return MapOf(key.value_or(Of(Type::kDyn)), value.value_or(Of(Type::kDyn)));
  }

  TypeRef Macro(Expression& e) {
    const TypeRef range = Check(*e.args[0]);
    const bool loop = e.op != Op::kOptMap && e.op != Op::kOptFlatMap;
    std::vector<TypeRef> types;
    if (!loop) {
      if (range.type != Type::kOptional && range.type != Type::kDyn)
        return Fail(e, "'" + e.name + "' needs an optional value, not '" + Shown(range) + "'");
      types = {range.type == Type::kOptional ? Parameter(range, 0) : Of(Type::kDyn)};
    } else if (range.type == Type::kList) {
      types = {Parameter(range, 0)};
      if (e.names.size() == 2) types.insert(types.begin(), Of(Type::kInt));
    } else if (range.type == Type::kMap) {
      types = {Parameter(range, 0), Parameter(range, 1)};
    } else if (range.type == Type::kDyn) {
      types = {Of(Type::kDyn), Of(Type::kDyn)};
    } else {
      return Fail(*e.args[0], "expression of type '" + Shown(range) +
                                  "' cannot be range of a comprehension (must be list, map, or dynamic)");
    }
    if (loop && ++loops_ > limits_.loops)
      Fail(e, "macros that walk a list are nested more than " + std::to_string(limits_.loops) + " deep");
    e.slot = static_cast<int>(scope_.size());
    for (std::size_t i = 0; i < e.names.size(); ++i) scope_.push_back({e.names[i], types[i]});
    TypeRef result = Of(Type::kBool);
    switch (e.op) {
      case Op::kAll:
      case Op::kExists:
      case Op::kExistsOne: Condition(*e.args[1], e, e.name); break;
      case Op::kFilter:
        Condition(*e.args[1], e, e.name);
        result = range.type == Type::kMap    ? ListOf(types[0])
                 : range.type == Type::kList ? range
                                             : ListOf(Of(Type::kDyn));
        break;
      case Op::kTransformMap: result = MapOf(types[0], Check(*e.args[1])); break;
      case Op::kOptMap: result = OptionalOf(Check(*e.args[1])); break;
      case Op::kOptFlatMap:
        result = Check(*e.args[1]);
        if (result.type != Type::kOptional && result.type != Type::kDyn)
          Fail(*e.args[1], "'optFlatMap' needs an optional result, not '" + Shown(result) + "'");
        break;
      default: result = ListOf(Check(*e.args[1]));
    }
    if (e.args.size() == 3) Condition(*e.args[2], e, e.name);
    scope_.resize(scope_.size() - e.names.size());
    if (loop) --loops_;
    return result;
  }

  std::string_view source_;
  const Limits& limits_;
  std::vector<Variable> scope_;
  std::size_t loops_ = 0;
  std::string error_;
};

}  // namespace

Status Check(Expression& expression, std::string_view source, const std::vector<std::string>& variables,
             const Limits& limits) {
  return Checker(source, variables, limits).Run(expression);
}

}  // namespace seaworthy::support::cel
