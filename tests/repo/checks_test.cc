// The catalogue keeps its promises: every check is listed, documented and fixtured, and nothing is listed twice.
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>

#include "checks/all_checks.h"

namespace seaworthy {
namespace {

namespace fs = std::filesystem;

std::string Snake(std::string_view id) {
  std::string name(id);
  for (char& c : name) c = c == '-' ? '_' : c;
  return name;
}

fs::path Folder(const Check& check) {
  std::string section(SectionName(check.section));
  for (char& c : section) c = c == '-' ? '_' : c;
  return section;
}

TEST(Catalogue, IdsAreUniqueAndNameTheirFile) {
  std::set<std::string_view> ids;
  for (const Check* check : checks::AllChecks()) {
    EXPECT_TRUE(ids.insert(check->id).second) << check->id;
    const fs::path file = fs::path(SEAWORTHY_SOURCE_DIR) / "src/checks" / Folder(*check) / (Snake(check->id) + ".cc");
    EXPECT_TRUE(fs::exists(file)) << check->id << " should stand in " << file;
  }
}

TEST(Catalogue, EveryCheckIsDocumented) {
  for (const Check* check : checks::AllChecks()) {
    for (const auto& [field, text] : {std::pair("title", check->title),
                                      {"rule", check->rule},
                                      {"why", check->why},
                                      {"fix", check->fix},
                                      {"source", check->source}}) {
      EXPECT_GT(text.size(), 8u) << check->id << ": " << field;
    }
    for (const auto& [field, text] : {std::pair("rule", check->rule), {"why", check->why}, {"fix", check->fix}}) {
      EXPECT_TRUE(text.ends_with('.')) << check->id << ": " << field << " ends in a full stop";
    }
    EXPECT_FALSE(check->title.ends_with('.')) << check->id;
    EXPECT_NE(check->run, nullptr) << check->id;
    EXPECT_TRUE(check->attestable || check->max_days == 0) << check->id;
  }
}

TEST(Catalogue, EveryCheckHasFixturesForWhatItCanSay) {
  for (const Check* check : checks::AllChecks()) {
    std::string section(SectionName(check->section));
    const fs::path folder = fs::path(SEAWORTHY_SOURCE_DIR) / "tests/checks" / Folder(*check) / check->id;
    std::set<std::string> outcomes;
    if (fs::exists(folder)) {
      for (const auto& entry : fs::directory_iterator(folder))
        outcomes.insert(entry.path().stem().stem().stem().string());
    }
    // What only people can answer is unknown or theirs.
    if (check->attestable && outcomes == std::set<std::string>{"unknown"}) continue;
    EXPECT_GE(outcomes.size(), 2u) << check->id << " has too few fixtures in " << folder;
    // What only people can say is unknown without them, and never complained of.
    const bool left_to_people = (check->attestable || check->id == "runbook") && outcomes.contains("unknown");
    const bool complains =
        outcomes.contains("fail") || outcomes.contains("warn") || check->severity == Severity::kInfo || left_to_people;
    EXPECT_TRUE(complains) << check->id << " has no fixture that complains";
    if (check->applies != nullptr)
      EXPECT_TRUE(outcomes.contains("na")) << check->id << " has a precondition and no na fixture";
  }
}

TEST(Catalogue, EveryFileAndEveryFixtureFolderBelongsToAListedCheck) {
  const fs::path root(SEAWORTHY_SOURCE_DIR);
  std::set<std::string> files;
  for (const Check* check : checks::AllChecks()) files.insert((Folder(*check) / (Snake(check->id) + ".cc")).string());
  for (const auto& entry : fs::recursive_directory_iterator(root / "tests/checks")) {
    if (entry.path().extension() != ".yaml" || entry.path().string().find("/upstream/") != std::string::npos) continue;
    const std::string id = entry.path().parent_path().filename();
    EXPECT_NE(checks::FindCheck(id), nullptr) << entry.path() << " is of no check";
  }
}

}  // namespace
}  // namespace seaworthy
