// A workload's findings as a Report of openreports.io/v1alpha1, in the meanings of its own documentation: "fail" and
// "warn" ask for something to be done, "skip" was not judged. What could not be told is "skip" too, and says so: an
// "error" is read as a fault of the tool, and would be counted and notified for every workload.
#include <algorithm>
#include <tuple>
#include <vector>

#include "seaworthy/objects.h"
#include "sinks/report/render.h"
#include "support/json_writer.h"

namespace seaworthy::sinks::report {
namespace {

using support::JsonWriter;

constexpr std::size_t kContentBytes = kMaxObjectBytes - 1024;
constexpr std::size_t kShortMessageBytes = 160;

std::string_view ResultOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPass:
    case Verdict::kAttested: return "pass";
    case Verdict::kFail: return "fail";
    case Verdict::kWarn: return "warn";
    default: return "skip";
  }
}

struct Detail {
  std::size_t message_bytes;
  bool unjudged;  // passes and what could not be told
  std::size_t results;
};
// Each is smaller than the one before, and the last fits always.
constexpr Detail kLevels[] = {{kMaxMessageBytes, true, SIZE_MAX},
                              {kShortMessageBytes, true, SIZE_MAX},
                              {kShortMessageBytes, false, 64},
                              {0, false, 8},
                              {0, false, 0}};
constexpr std::size_t kReducedLevel = 2;

void Result(JsonWriter& out, const Finding& finding, const Detail& detail) {
  out.Open('{');
  out.Member("category", SectionName(finding.check->section));
  if (detail.message_bytes > 0)
    out.MemberIf("message", support::CutUtf8WithDots(finding.message, detail.message_bytes));
  out.Member("policy", finding.check->id);
  out.Object("properties", [&] {
    out.MemberIf("container", finding.container);
    out.MemberIf("exemption", finding.exemption);
    out.Member("verdict", VerdictName(finding.verdict));
  });
  out.Member("result", ResultOf(finding.verdict));
  if (finding.severity != Severity::kInfo) out.Key("scored"), out.Raw("true");
  out.Member("severity", SeverityName(finding.severity));
  if (finding.since.set()) {
    out.Object("timestamp", [&] {
      out.Member("nanos", 0);
      out.Member("seconds", finding.since.seconds);
    });
  }
  out.Close('}');
}

}  // namespace

Rendered RenderOpenReport(const WorkloadReport& report, const RenderInput& input) {
  std::vector<const Finding*> findings;
  for (const Finding& finding : report.findings) {
    if (finding.verdict != Verdict::kNa) findings.push_back(&finding);
  }
  const auto rank = [](const Finding* one) {
    const std::string_view result = ResultOf(one->verdict);
    const int place = result == "fail" ? 0 : result == "warn" ? 1 : result == "skip" ? 2 : 3;
    return std::tuple(place, -static_cast<int>(one->severity), one->check->id, one->container);
  };
  std::sort(findings.begin(), findings.end(), [&](const Finding* a, const Finding* b) { return rank(a) < rank(b); });
  const auto count = [&](std::string_view result) {
    return std::count_if(findings.begin(), findings.end(),
                         [&](const Finding* one) { return ResultOf(one->verdict) == result; });
  };
  Rendered rendered;
  for (std::size_t level = input.reduced ? kReducedLevel : 0; level < std::size(kLevels); ++level) {
    const Detail& detail = kLevels[level];
    rendered.status.clear();
    JsonWriter out(rendered.status);
    out.Open('{');
    out.Key("results"), out.Open('[');
    std::size_t left = detail.results;
    for (const Finding* finding : findings) {
      const bool judged = finding->verdict != Verdict::kPass && finding->verdict != Verdict::kUnknown;
      if (!judged && !detail.unjudged) continue;
      if (left-- == 0) break;
      Result(out, *finding, detail);
    }
    out.Close(']');
    out.Object("scope", [&] {
      out.MemberIf("apiVersion", report.api_version);
      out.Member("kind", report.kind);
      out.Member("name", report.name);
      out.Member("namespace", report.namespace_);
      out.MemberIf("uid", report.uid.ToString());
    });
    out.Member("source", "seaworthy");
    out.Object("summary", [&] {
      out.Member("error", 0);
      out.Member("fail", count("fail"));
      out.Member("pass", count("pass"));
      out.Member("skip", count("skip"));
      out.Member("warn", count("warn"));
    });
    out.Close('}');
    if (rendered.status.size() <= kContentBytes) break;
  }
  support::SipHash hash;
  hash.Add(rendered.status);
  rendered.hash = hash.Finish();
  return rendered;
}

}  // namespace seaworthy::sinks::report
