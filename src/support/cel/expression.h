// The parsed expression: a tree of these, checked and then evaluated in place. Macros are nodes of their own instead of
// being written out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/result.h"
#include "support/cel/program.h"
#include "support/cel/value.h"

namespace re2 {
class RE2;
}

namespace seaworthy::support::cel {

struct Overload;

enum class Op : std::uint8_t {
  kConstant,
  kIdent,
  kSelect,  // args[0].name, or with `optional` args[0].?name
  kHas,     // the same, asked for
  kCall,    // name(args...), with `member` args[0].name(args[1]...); operators too: "_+_"
  kList,
  kMap,  // key, value, key, value
  kAnd,  // of two and more
  kOr,
  kChoice,  // args[0] ? args[1] : args[2]
  // Macros: args[0] is what they walk, `names` their variables.
  kAll,
  kExists,
  kExistsOne,
  kMapEach,  // args[1] is the transformation, args[2], where there is one, the condition
  kFilter,
  kTransformList,  // likewise
  kTransformMap,
  kOptMap,  // args[0] is an optional
  kOptFlatMap,
};

// A type as the checker sees it; `of` are its parameters (list: one, map: two, optional: one).
struct TypeRef {
  Type type = Type::kDyn;
  std::vector<TypeRef> of;
  bool operator==(const TypeRef&) const = default;
};

struct Expression;
using ExpressionPtr = std::unique_ptr<Expression>;

struct Expression {
  Op op = Op::kConstant;
  std::uint32_t at = 0;  // offset in the source
  std::uint16_t depth = 1;
  bool member = false;
  bool optional = false;
  std::string name;
  std::vector<ExpressionPtr> args;
  std::vector<bool> optional_args;  // of kList: [?x], of kMap: {?k: v}, by entry
  Value constant;
  std::string text;  // of a constant string
  std::vector<std::string> names;

  // The checker's.
  int slot = -1;  // of kIdent, and the first one of a macro
  TypeRef checked;
  std::vector<const Overload*> overloads;  // that the arguments' types allow
  std::shared_ptr<const re2::RE2> regex;   // where the pattern is a constant
};

// "line:column: message"
std::string Complaint(std::string_view source, std::uint32_t at, std::string_view message);

// The error names line and column.
Result<ExpressionPtr> Parse(std::string_view source, const Limits& limits);

// `loops`: the macros that may stand one inside the other. The error names line and column.
Status Check(Expression& expression, std::string_view source, const std::vector<std::string>& variables,
             const Limits& limits);

}  // namespace seaworthy::support::cel
