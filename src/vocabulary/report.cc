#include "seaworthy/report.h"

#include <cstdio>

namespace seaworthy {
namespace {

std::string Hex(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(hash));
  return std::string(digits, 12);
}

}  // namespace

std::string_view CauseName(Cause cause) {
  constexpr std::string_view kNames[] = {"workload", "environment", "checklist", "expiry"};
  return kNames[static_cast<std::size_t>(cause)];
}

bool IsRegression(const Transition& transition) {
  const bool good =
      transition.from == Verdict::kPass || transition.from == Verdict::kWarn || transition.from == Verdict::kAttested;
  return good && transition.to == Verdict::kFail && transition.cause != Cause::kChecklist;
}

std::string AuditName(std::string_view kind, std::string_view name) {
  std::string result;
  for (char c : kind) result += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  result += '-';
  result += name;
  // "a-b" of kind C and "b" of kind C-a cannot meet: kinds have no dash. Only the length needs care.
  constexpr std::size_t kMax = 253;
  if (result.size() > kMax) result = result.substr(0, kMax - 13) + "-" + Hex(result);
  return result;
}

}  // namespace seaworthy
