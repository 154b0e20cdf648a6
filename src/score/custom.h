// Custom checks of policies as checks like any other: they are scored, reported, waived and compared over time by the
// same code.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "seaworthy/check.h"
#include "seaworthy/custom.h"
#include "seaworthy/policy.h"

namespace seaworthy::score {

// What a policy is told about its custom checks.
struct CustomNotes {
  std::vector<std::string> problems;  // "customChecks[0].expression: 1:8: undeclared reference to 'foo'"
  std::vector<std::string> conflicts;
};

// The custom checks of all policies. A Check keeps its address for as long as the catalogue lives, also while no policy
// has it, since transitions and findings point to it.
class CustomCatalogue {
 public:
  CustomCatalogue();
  ~CustomCatalogue();

  // `policies` in the order in which they apply. Says whether the list is another one, or one of its expressions.
  bool Update(std::span<const AuditPolicy* const> policies);

  std::span<const Check* const> checks() const { return checks_; }  // by id
  // What decoders have to do; nullptr: nothing. Another pointer only when the rules are others.
  const CustomRulesPtr& rules() const { return rules_; }
  // By policy name.
  const std::map<std::string, CustomNotes>& notes() const { return notes_; }

  // In all; what is over is a problem of its policy.
  static constexpr std::size_t kMostChecks = 100;

 private:
  struct Custom;
  struct Wanted {
    const CustomCheckSpec* spec;
    std::string policy;
    Section section;
    Severity severity;
    KindSet kinds;
    std::shared_ptr<const CustomRule> rule;
  };

  void Read(const AuditPolicy& policy, std::map<std::string, Wanted>& wanted);
  std::shared_ptr<const CustomRule> Compile(const CustomCheckSpec& spec, KindSet kinds, std::string& error);
  static Outcome Run(const Context& context);

  std::map<std::pair<std::string, SubjectType>, std::unique_ptr<Custom>> known_;
  std::vector<const Check*> checks_;
  CustomRulesPtr rules_;
  std::map<std::string, CustomNotes> notes_;
};

using CustomErrorCounts = std::map<std::string, std::map<std::string, std::size_t>>;

// Kinds whose objects have to be decoded again so that all of `after` is judged.
KindSet KindsToJudgeAgain(const CustomRulesPtr& before, const CustomRulesPtr& after);

}  // namespace seaworthy::score
