// `seaworthy checks`: the reference comes from the Check records and from nowhere else.
#include <cstdio>
#include <string>

#include "checks/all_checks.h"
#include "support/canonical_json.h"
#include "wiring/commands.h"
#include "wiring/reference.h"

namespace seaworthy::wiring {
namespace {

class JsonObject {
 public:
  explicit JsonObject(std::string& out) : out_(out) { out_ += '{'; }
  void Text(std::string_view key, std::string_view value) {
    Key(key);
    support::AppendJsonString(out_, value);
  }
  void Raw(std::string_view key, std::string_view value) {
    Key(key);
    out_ += value;
  }
  void Bool(std::string_view key, bool value) { Raw(key, value ? "true" : "false"); }
  void End() { out_ += '}'; }

 private:
  void Key(std::string_view key) {
    if (!first_) out_ += ',';
    first_ = false;
    out_ += '"';
    out_ += key;
    out_ += "\":";
  }
  std::string& out_;
  bool first_ = true;
};

std::string Json(const Check& check) {
  std::string out;
  JsonObject object(out);
  object.Text("id", check.id);
  object.Text("title", check.title);
  object.Text("section", SectionName(check.section));
  object.Text("severity", SeverityName(check.severity));
  object.Text("subject", SubjectTypeName(check.subject));
  object.Text("appliesTo", AppliesTo(check));
  object.Bool("penaltyOnly", check.penalty_only);
  object.Bool("attestable", check.attestable);
  if (check.attestable) object.Raw("maxDays", std::to_string(check.max_days != 0 ? check.max_days : 180));
  object.Text("rule", check.rule);
  object.Text("why", check.why);
  object.Text("fix", check.fix);
  object.Text("source", check.source);
  if (!check.aged.empty()) object.Text("aged", check.aged);
  if (!check.traps.empty()) object.Text("traps", check.traps);
  object.Text("reads", Reads(check));
  std::string params = "[";
  for (const Param& param : check.params) {
    if (params.size() > 1) params += ',';
    JsonObject item(params);
    item.Text("name", param.name);
    item.Raw("default", NumberText(param.value));
    item.Text("meaning", param.meaning);
    item.End();
  }
  object.Raw("params", params + "]");
  object.End();
  return out;
}

std::string Text(const Check& check) {
  std::string out = std::string(check.id) + "  [" + std::string(SeverityName(check.severity)) + ", " +
                    std::string(SectionName(check.section)) + "]\n";
  out += "  " + std::string(check.title) + "\n\n";
  const auto item = [&](std::string_view head, std::string_view text) {
    if (!text.empty()) out += "  " + std::string(head) + ": " + std::string(text) + "\n";
  };
  item("Rule  ", check.rule);
  item("Why   ", check.why);
  item("Fix   ", check.fix);
  item("Source", check.source);
  item("Aged  ", check.aged);
  item("Traps ", check.traps);
  item("On    ", AppliesTo(check));
  item("Reads ", Reads(check));
  return out;
}

void Print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

}  // namespace

int ChecksCommand(const ChecksArguments& arguments) {
  const Check* only = nullptr;
  if (!arguments.id.empty()) {
    only = checks::FindCheck(arguments.id);
    if (only == nullptr) {
      std::fprintf(stderr, "seaworthy checks: there is no check \"%s\"; `seaworthy checks` lists them\n",
                   arguments.id.c_str());
      return kExitUsage;
    }
  }
  if (arguments.format == "json") {
    std::string out = "{\"checks\":[";
    bool first = true;
    for (const Check* check : checks::AllChecks()) {
      if (only != nullptr && check != only) continue;
      out += first ? "\n" : ",\n";
      first = false;
      out += Json(*check);
    }
    Print(out + "\n]}\n");
  } else if (arguments.format == "markdown") {
    Print(only != nullptr ? CheckReference(*only) : ChecksReference());
  } else if (arguments.format == "text") {
    if (only != nullptr) {
      Print(Text(*only));
    } else {
      for (const Check* check : checks::AllChecks()) {
        std::printf("%-26s %-9s %-14s %s\n", std::string(check->id).c_str(),
                    std::string(SeverityName(check->severity)).c_str(),
                    std::string(SectionName(check->section)).c_str(), std::string(check->title).c_str());
      }
    }
  } else {
    std::fprintf(stderr, "seaworthy checks: unknown format \"%s\": text, json or markdown\n", arguments.format.c_str());
    return kExitUsage;
  }
  return kExitOk;
}

}  // namespace seaworthy::wiring
