// The functions and operators that expressions may call: one table, by name. What is not in it is refused when an
// expression is compiled.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "support/cel/expression.h"
#include "support/cel/value.h"

namespace seaworthy::support::cel {

struct Call {
  std::span<const Value> args;  // none of them an error; the target first
  Arena& arena;
  const Expression& expression;
};
using Function = Value (*)(const Call&);

struct Overload {
  bool member = false;
  bool guarded = true;  // is called only with values of these types; otherwise it looks for itself
  std::vector<TypeRef> args;
  TypeRef result;
  Function run = nullptr;
};

class FunctionTable {
 public:
  static const FunctionTable& Instance();
  // nullptr: there is no such function.
  const std::vector<Overload>* Find(std::string_view name) const;

  // `signature`: "string.(string, int) -> int", "(list(A), list(A)) -> bool". `unguarded`: see Overload.
  void Add(std::string_view name, std::string_view signature, Function run, bool unguarded = false);

 private:
  FunctionTable();
  std::map<std::string, std::vector<Overload>, std::less<>> functions_;
};

// One part of the table each, in the file of that name.
void AddOperators(FunctionTable& table);    // operators.cc
void AddConversions(FunctionTable& table);  // conversions.cc
void AddTimes(FunctionTable& table);        // times.cc
void AddStrings(FunctionTable& table);      // strings.cc
void AddLists(FunctionTable& table);        // lists.cc
void AddKubernetes(FunctionTable& table);   // kubernetes.cc

// For the checker: what a literal argument has to be.
bool IsTimestamp(std::string_view text);
bool IsDuration(std::string_view text);
bool IsTimeZone(std::string_view text);
std::shared_ptr<const re2::RE2> CompileRegex(std::string_view pattern, std::string& error);

// Shared by several parts.
Value ParseTimestamp(std::string_view text);
Value ParseDuration(std::string_view text);
Value CheckedTimestamp(Time time);  // an error beyond the years 1 to 9999
std::string TimestampText(Time time);
std::string DurationText(std::int64_t nanoseconds);
std::string IpText(const Ip& ip);
// Where the characters of UTF-8 begin, and its end: n + 1 offsets for n characters.
std::vector<std::uint32_t> Characters(std::string_view text);

}  // namespace seaworthy::support::cel
