// Collects what a check finds on several containers or objects into one Outcome of the worst verdict.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/check.h"

namespace seaworthy::checks {

class Findings {
 public:
  // Findings about containers that the context's waivers name are left out.
  explicit Findings(const Context& context) : context_(context) {}

  // `what` without the container's name: it is put in front ("container app: no memory limit").
  void Add(Verdict verdict, const Workload& workload, const Container& container, std::string_view field,
           std::string_view what);
  // About the workload or another object as a whole; `path` may be empty.
  void Add(Verdict verdict, std::string path, std::string_view what);
  bool empty() const { return items_.empty(); }

  // The worst verdict's findings joined in the order they came, at most five and "and N more"; `pass` when there are
  // none. Order of badness: fail, warn, unknown.
  Outcome Finish(Outcome pass) &&;

 private:
  struct Item {
    Verdict verdict;
    Text container;
    std::string path, text;
  };
  // REQUIRES: there are some.
  static Item& Worst(std::vector<Item>& items);
  static std::string Joined(const std::vector<Item>& items, Verdict verdict);

  const Context& context_;
  std::vector<Item> items_, waived_;
};

}  // namespace seaworthy::checks
