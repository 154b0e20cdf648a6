// What the annotation seaworthy.dev/pipeline-run tells of the pipeline's run that made a release:
//   seaworthy.dev/pipeline-run: "https://ci.example/shop/web/runs/512 commit=3f2c1aa tests=412/412"
// A URL and key=value pairs in any order, between blanks, commas or semicolons.
#pragma once

#include <cstdint>
#include <string_view>

#include "seaworthy/check.h"

namespace seaworthy::checks {

inline constexpr std::string_view kPipelineRun = "seaworthy.dev/pipeline-run";

// Where it stands: on the template it belongs to that release, so that one counts before the workload's own. Empty: it
// is not there.
inline std::string_view PipelineRunOf(const Workload& workload) {
  const std::string_view of_template = workload.template_annotations.Get(kPipelineRun);
  return of_template.empty() ? workload.meta.annotations.Get(kPipelineRun) : of_template;
}

struct PipelineRun {
  enum class Tests : std::uint8_t {
    kUnsaid,
    kPassed,  // passed, pass, ok, success, true; N/N; a number above 0
    kFailed,  // failed, fail, failure, error, false; N/M with N < M
    kNone,    // none, skipped, no; 0; 0/0
    kUnreadable,
  };
  std::string_view url, commit, tests_text;
  Tests tests = Tests::kUnsaid;
};
PipelineRun ParsePipelineRun(std::string_view text);

}  // namespace seaworthy::checks
