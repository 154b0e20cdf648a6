// Calico's selector language, against the examples of its documentation.
#include "checks/common/calico_selector.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace seaworthy::checks {
namespace {

std::optional<bool> Match(std::string_view selector) {
  static const std::map<std::string, std::string, std::less<>> kLabels = {
      {"app", "web"}, {"tier", "frontend"}, {"a.b/c-d", "x y"}, {"in", "x"}};
  return MatchesCalico(selector, [](std::string_view key) -> std::optional<std::string_view> {
    const auto found = kLabels.find(key);
    return found == kLabels.end() ? std::nullopt : std::optional<std::string_view>(found->second);
  });
}

TEST(CalicoSelector, ReadsWhatItsDocumentationShows) {
  for (const char* yes : {"",
                          " ",
                          "all()",
                          "all( )",
                          "app == 'web'",
                          "app=='web'",
                          "app == \"web\"",
                          "app != 'api'",
                          "role != 'x'",
                          "has(app)",
                          "has( app )",
                          "!has(role)",
                          "!!has(app)",
                          "app in {'web','api'}",
                          "app in { 'web' }",
                          "role not in {'x'}",
                          "app not in {'api'}",
                          "app not in {}",
                          "app starts with 'we'",
                          "app ends with 'eb'",
                          "app contains 'e'",
                          "app == 'web' && tier == 'frontend'",
                          "app == 'api' || tier == 'frontend'",
                          "(app == 'api' || app == 'web') && has(tier)",
                          "!(app == 'api')",
                          "app == 'api' || app == 'db' || all()",
                          "app == 'web' || app == 'x' && app == 'y'",
                          "a.b/c-d == 'x y'",
                          "in in {'x'}",
                          "!global()"}) {
    EXPECT_EQ(Match(yes), true) << yes;
  }
  for (const char* no : {"global()", "app == 'api'", "app != 'web'", "role == 'x'", "has(role)", "!has(app)",
                         "app in {}", "role in {'x'}", "role contains 'x'", "app not in {'web'}",
                         "app == 'web' && app == 'x' || app == 'y'", "!all()"}) {
    EXPECT_EQ(Match(no), false) << no;
  }
}

TEST(CalicoSelector, SaysSoWhereItCannotBeRead) {
  for (const char* odd :
       {"app", "app = web", "app == web", "app == 'web", "app == 'web' &&", "&& app == 'web'",
        "app == 'web' app == 'web'", "has()", "has(app", "all(", "foo()", "(app == 'web'", "app in 'web'",
        "app in {'web'", "app in {'web' 'api'}", "!", "app starts 'w'", "{}", "'web' == app"}) {
    EXPECT_EQ(Match(odd), std::nullopt) << odd;
  }
  EXPECT_EQ(Match(std::string(10'000, '!') + "all()"), std::nullopt);
  EXPECT_EQ(Match(std::string(10'000, '(') + "all()"), std::nullopt);
}

}  // namespace
}  // namespace seaworthy::checks
