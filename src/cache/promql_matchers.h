// Which label values a PromQL expression asks for: what an alert is about. Not a parser: it reads the label matchers in
// braces and nothing else.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace seaworthy::cache {

struct PromqlMatcher {
  std::string label;
  // Of = as written. Of =~ one for each alternative, reduced to what is literal in it: "web-.*" is "web-*", ".*db" is
  // "*db"; those that say nothing (".*") are left out. != and !~ are left out too: they name what is not meant.
  std::string value;
  bool operator==(const PromqlMatcher&) const = default;
};

// In order, without repetitions; at most 64. Of what is not PromQL: what could be read of it.
std::vector<PromqlMatcher> PromqlMatchers(std::string_view expression);

}  // namespace seaworthy::cache
