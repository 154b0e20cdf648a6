// The evaluation. An error is a value that goes up until && or || makes it irrelevant, as in cel-go.
#include "support/cel/program.h"

#include <algorithm>

#include "support/cel/functions.h"

namespace seaworthy::support::cel {
namespace {

constexpr std::string_view kNoSuchOverload = kNoOverload;

bool Matches(const TypeRef& wanted, const Value& value) {
  return wanted.type == value.type || wanted.type == Type::kDyn || wanted.type == Type::kParamA ||
         wanted.type == Type::kParamB;
}

class Evaluator {
 public:
  Evaluator(std::span<const Node* const> variables, const Limits& limits) : variables_(variables), arena_(limits) {
    slots_.resize(variables.size() + 2 * limits.depth);
  }

  Evaluation Run(const Expression& expression) {
    const Value value = Evaluate(expression);
    Evaluation evaluation;
    evaluation.steps = arena_.steps();
    if (arena_.exhausted()) {
      const bool steps = arena_.steps() > arena_.limits().steps;
      evaluation.error =
          steps ? "it takes more than " + std::to_string(arena_.limits().steps) + " steps" : "it takes too much memory";
    } else if (value.is(Type::kBool)) {
      evaluation.result = value.boolean ? Evaluation::Result::kTrue : Evaluation::Result::kFalse;
    } else {
      evaluation.error = value.is_error() ? std::string(value.text())
                                          : "it gives no bool but a value of type " + std::string(TypeName(value.type));
    }
    return evaluation;
  }

 private:
  Value Exhausted() const { return Value::Error("it takes too long"); }

  Value Evaluate(const Expression& e) {
    if (!arena_.Spend(1) || arena_.exhausted()) return Exhausted();
    switch (e.op) {
      case Op::kConstant: return e.constant;
      case Op::kIdent: return Ident(e);
      case Op::kSelect: return Select(e);
      case Op::kHas: return Has(e);
      case Op::kCall: return CallOf(e);
      case Op::kList: return List(e);
      case Op::kMap: return Map(e);
      case Op::kAnd: return Terms(e, false);
      case Op::kOr: return Terms(e, true);
      case Op::kChoice: {
        const Value condition = Evaluate(*e.args[0]);
        if (condition.is_error()) return condition;
        if (!condition.is(Type::kBool)) return Value::Error(kNoSuchOverload);
        return Evaluate(*e.args[condition.boolean ? 1 : 2]);
      }
      case Op::kOptMap:
      case Op::kOptFlatMap: return OptionalMap(e);
      default: return Loop(e);
    }
  }

  Value Ident(const Expression& e) {
    const auto slot = static_cast<std::size_t>(e.slot);
    if (slot >= variables_.size()) return slots_[slot];
    return variables_[slot] == nullptr ? Value::Error("it reads a variable that is not known")
                                       : FromNode(*variables_[slot]);
  }

  Value Field(const Value& of, const std::string& name) {
    arena_.Spend(of.in_tree ? 0 : of.map->entries.size() / 8);
    const std::optional<Value> found = Find(of, Value::String(name));
    return found ? *found : arena_.Error("no such key: " + name);
  }

  Value Select(const Expression& e) {
    Value of = Evaluate(*e.args[0]);
    bool optional = e.optional;
    if (of.is(Type::kOptional)) {
      if (!of.optional->value) return of;
      of = *of.optional->value;
      optional = true;
    }
    if (of.is_error()) return of;
    // Upstream a list complains about the kind of index, and what has no parts at all has not this one.
    if (!of.is(Type::kMap))
      return optional && !of.is(Type::kList) ? arena_.Optional(std::nullopt) : Value::Error(kNoSuchOverload);
    if (!optional) return Field(of, e.name);
    const std::optional<Value> found = Find(of, Value::String(e.name));
    if (found && found->is_error()) return *found;
    return arena_.Optional(found);
  }

  Value Has(const Expression& e) {
    Value of = Evaluate(*e.args[0]);
    if (of.is(Type::kOptional)) {
      if (!of.optional->value) return Value::Bool(false);
      of = *of.optional->value;
    }
    if (of.is_error()) return of;
    if (of.is(Type::kList)) return Value::Error(kNoSuchOverload);
    return Value::Bool(of.is(Type::kMap) && Find(of, Value::String(e.name)).has_value());
  }

  // `decisive`: the value of one term that decides, whatever the others are.
  Value Terms(const Expression& e, bool decisive) {
    Value trouble;
    for (const ExpressionPtr& arg : e.args) {
      const Value value = Evaluate(*arg);
      if (value.is(Type::kBool)) {
        if (value.boolean == decisive) return value;
      } else if (!trouble.is_error()) {
        trouble = value.is_error() ? value : Value::Error(kNoSuchOverload);
      }
    }
    return trouble.is_error() ? trouble : Value::Bool(!decisive);
  }

  Value CallOf(const Expression& e) {
    if (e.overloads.empty()) return OrValue(e);
    std::vector<Value> args;
    args.reserve(e.args.size());
    for (const ExpressionPtr& arg : e.args) {
      args.push_back(Evaluate(*arg));
      if (args.back().is_error()) return args.back();
    }
    for (const Overload* overload : e.overloads) {
      bool matches = true;
      for (std::size_t i = 0; overload->guarded && matches && i < args.size(); ++i)
        matches = Matches(overload->args[i], args[i]);
      if (matches) return overload->run({args, arena_, e});
    }
    return Value::Error(kNoSuchOverload);
  }

  Value OrValue(const Expression& e) {
    const Value of = Evaluate(*e.args[0]);
    if (of.is_error()) return of;
    if (!of.is(Type::kOptional)) return Value::Error(kNoSuchOverload);
    if (of.optional->value) return e.name == "or" ? of : *of.optional->value;
    const Value other = Evaluate(*e.args[1]);
    if (e.name == "or" && !other.is_error() && !other.is(Type::kOptional)) return Value::Error(kNoSuchOverload);
    return other;
  }

  // False: a value that is left out of a list or map, being an optional without one.
  bool Unwrap(Value& value, bool optional) {
    if (!optional || value.is_error()) return true;
    if (!value.is(Type::kOptional)) {
      value = Value::Error(kNoSuchOverload);
      return true;
    }
    if (!value.optional->value) return false;
    value = *value.optional->value;
    return true;
  }

  Value List(const Expression& e) {
    std::vector<Value> items;
    items.reserve(e.args.size());
    for (std::size_t i = 0; i < e.args.size(); ++i) {
      Value item = Evaluate(*e.args[i]);
      if (!Unwrap(item, e.optional_args[i])) continue;
      if (item.is_error()) return item;
      items.push_back(item);
    }
    return arena_.List(std::move(items));
  }

  Value Map(const Expression& e) {
    std::vector<std::pair<Value, Value>> entries;
    for (std::size_t i = 0; i < e.args.size(); i += 2) {
      const Value key = Evaluate(*e.args[i]);
      if (key.is_error()) return key;
      Value value = Evaluate(*e.args[i + 1]);
      if (!Unwrap(value, e.optional_args[i / 2])) continue;
      if (value.is_error()) return value;
      if (!key.is(Type::kString) && !key.is(Type::kInt) && !key.is(Type::kUint) && !key.is(Type::kBool))
        return Value::Error("unsupported key type");
      const MapValue known{entries};
      if (Find(Value::Of(&known), key)) return Value::Error("a key stands twice in a map");
      entries.emplace_back(key, value);
    }
    return arena_.Map(std::move(entries));
  }

  Value OptionalMap(const Expression& e) {
    const Value of = Evaluate(*e.args[0]);
    if (of.is_error()) return of;
    if (!of.is(Type::kOptional)) return Value::Error(kNoSuchOverload);
    if (!of.optional->value) return of;
    slots_[static_cast<std::size_t>(e.slot)] = *of.optional->value;
    const Value result = Evaluate(*e.args[1]);
    if (result.is_error()) return result;
    if (e.op == Op::kOptMap) return arena_.Optional(result);
    return result.is(Type::kOptional) ? result : Value::Error(kNoSuchOverload);
  }

  Value Loop(const Expression& e) {
    const Value range = Evaluate(*e.args[0]);
    if (range.is_error()) return range;
    if (!range.is(Type::kList) && !range.is(Type::kMap)) return Value::Error(kNoSuchOverload);
    if (SizeOf(range) > arena_.limits().list_items)
      return arena_.Error("it walks a list of more than " + std::to_string(arena_.limits().list_items) + " items");
    arena_.Spend(SizeOf(range) / 8);
    const auto slot = static_cast<std::size_t>(e.slot);
    std::vector<Value> items;
    std::vector<std::pair<Value, Value>> entries;
    Value error;
    std::size_t matches = 0;
    bool decided = false;
    std::int64_t position = 0;
    ForEach(range, [&](const Value& first, const Value& second) {
      if (arena_.exhausted()) return false;
      if (e.names.size() == 1) {
        slots_[slot] = first;
      } else if (range.is(Type::kMap)) {
        slots_[slot] = first;
        slots_[slot + 1] = second;
      } else {
        slots_[slot] = Value::Int(position++);
        slots_[slot + 1] = first;
      }
      // Evaluating the body may write to the same slots only through macros inside it, which have slots behind these.
      const Value key = slots_[slot];
      if (e.op == Op::kAll || e.op == Op::kExists || e.op == Op::kExistsOne || e.op == Op::kFilter) {
        Value verdict = Evaluate(*e.args[1]);
        if (!verdict.is(Type::kBool) && !verdict.is_error()) verdict = Value::Error(kNoSuchOverload);
        if (verdict.is_error()) {
          if (!error.is_error()) error = verdict;
          return e.op == Op::kAll || e.op == Op::kExists;  // a later item may decide all the same
        }
        if (e.op == Op::kAll || e.op == Op::kExists) {
          decided = verdict.boolean == (e.op == Op::kExists);
          return !decided;
        }
        if (verdict.boolean) {
          ++matches;
          if (e.op == Op::kFilter) items.push_back(key);
        }
        return true;
      }
      if (e.args.size() == 3) {
        const Value condition = Evaluate(*e.args[2]);
        if (!condition.is(Type::kBool)) {
          error = condition.is_error() ? condition : Value::Error(kNoSuchOverload);
          return false;
        }
        if (!condition.boolean) return true;
      }
      const Value made = Evaluate(*e.args[1]);
      if (made.is_error()) {
        error = made;
        return false;
      }
      if (e.op == Op::kTransformMap) {
        entries.emplace_back(key, made);
      } else {
        items.push_back(made);
      }
      return true;
    });
    if (arena_.exhausted()) return Exhausted();
    if (e.op == Op::kAll || e.op == Op::kExists) {
      if (decided) return Value::Bool(e.op == Op::kExists);
      return error.is_error() ? error : Value::Bool(e.op == Op::kAll);
    }
    if (error.is_error()) return error;
    if (e.op == Op::kExistsOne) return Value::Bool(matches == 1);
    return e.op == Op::kTransformMap ? arena_.Map(std::move(entries)) : arena_.List(std::move(items));
  }

  std::span<const Node* const> variables_;
  Arena arena_;
  std::vector<Value> slots_;
};

bool ReadsSlot(const Expression& e, int slot) {
  if (e.op == Op::kIdent && e.slot == slot) return true;
  return std::any_of(e.args.begin(), e.args.end(), [slot](const ExpressionPtr& arg) { return ReadsSlot(*arg, slot); });
}

class CompiledProgram final : public Program {
 public:
  CompiledProgram(ExpressionPtr expression, std::size_t variables, const Limits& limits)
      : expression_(std::move(expression)), variables_(variables), limits_(limits) {}

  Evaluation Evaluate(std::span<const Node* const> variables) const override {
    if (variables.size() != variables_) return {Evaluation::Result::kError, "the number of variables is wrong", 0};
    return Evaluator(variables, limits_).Run(*expression_);
  }
  bool IsSurelyBool() const override { return expression_->checked.type == Type::kBool; }
  bool Reads(std::size_t variable) const override { return ReadsSlot(*expression_, static_cast<int>(variable)); }

 private:
  ExpressionPtr expression_;
  std::size_t variables_;
  Limits limits_;
};

}  // namespace

Result<ProgramPtr> Compile(std::string_view source, const std::vector<std::string>& variables, const Limits& limits) {
  Result<ExpressionPtr> parsed = Parse(source, limits);
  if (!parsed.ok()) return parsed.status();
  ExpressionPtr expression = *std::move(parsed);
  if (Status status = Check(*expression, source, variables, limits); !status.ok()) return status;
  return ProgramPtr(std::make_shared<CompiledProgram>(std::move(expression), variables.size(), limits));
}

}  // namespace seaworthy::support::cel
