// CEL, the Common Expression Language, as ValidatingAdmissionPolicies of Kubernetes have it (docs/custom-checks.md says
// what is not there).
//
// Compile parses and checks types; what it accepts cannot do more than a fixed number of steps, nor keep more than a
// fixed amount of memory. Whatever is not supported is an error of Compile; whatever cannot be decided is an error of
// Evaluate: never a wrong answer.
//
//   Result<ProgramPtr> program = Compile("object.spec.replicas >= params.least", {"object", "params"});
//   Evaluation evaluation = (*program)->Evaluate({&object_node, &params_node});
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/result.h"
#include "support/json.h"

namespace seaworthy::support::cel {

struct Limits {
  std::size_t source_bytes = 4096;
  std::size_t nodes = 2000;          // of the expression
  std::size_t depth = 64;            // of the expression
  std::size_t loops = 3;             // macros that walk a list, one inside the other
  std::size_t list_items = 10'000;   // that a macro walks, or that an expression makes
  std::size_t steps = 100'000;       // of one evaluation; about 5 ms
  std::size_t memory = 1024 * 1024;  // that one evaluation makes
};

struct Evaluation {
  enum class Result : std::uint8_t { kTrue, kFalse, kError };
  Result result = Result::kError;
  std::string error;  // nothing of the values: "no such key: team"
  std::size_t steps = 0;
};

// A string of a variable that stands for a value which is not kept: reading it is an error.
inline constexpr std::string_view kNotKept = "\xEE\x80\x80seaworthy.dev/not-kept\xEE\x80\x80";

// Immutable and thread-safe.
class Program {
 public:
  virtual ~Program() = default;
  // One node for each variable, in the order in which Compile got their names; nullptr: evaluated as an error when it
  // is read.
  virtual Evaluation Evaluate(std::span<const Node* const> variables) const = 0;
  // Whether the expression reads the variable at all.
  virtual bool Reads(std::size_t variable) const = 0;
  // False: only its evaluation shows whether it is a bool, as for "object.spec.paused".
  virtual bool IsSurelyBool() const = 0;
};
using ProgramPtr = std::shared_ptr<const Program>;

// An expression that answers true or false over variables of unknown types. The error names the column: "1:8:
// undeclared reference to 'foo'".
Result<ProgramPtr> Compile(std::string_view source, const std::vector<std::string>& variables,
                           const Limits& limits = {});

}  // namespace seaworthy::support::cel
