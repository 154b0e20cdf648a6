#include <string>

#include "checks/all_checks.h"
#include "checks/delivery/managers.h"
#include "checks/delivery/pipeline_run.h"

namespace seaworthy::checks {
namespace {

Outcome Run(const Context& context) {
  const std::string_view text = PipelineRunOf(context.workload());
  if (text.empty()) {
    return Outcome::Unknown(
        UnknownCause::kNotDeclared,
        "no annotation seaworthy.dev/pipeline-run names the run that built and tested this release");
  }
  const PipelineRun run = ParsePipelineRun(text);
  // The annotation stays when somebody changes the template by hand: then it tells of another release.
  if (const DeliveryEvidence* last = context.Delivery();
      last != nullptr && KindOfManager(last->manager, context.Managers()) == ManagerKind::kInteractive) {
    return Outcome::Unknown(UnknownCause::kNotDeclared,
                            "the template was last changed by manager " + last->manager.str() +
                                " (a manager's name is chosen by the client), which no pipeline tested");
  }
  const std::string tests(run.tests_text.substr(0, 40));
  switch (run.tests) {
    case PipelineRun::Tests::kPassed: return Outcome::Pass();
    case PipelineRun::Tests::kFailed:
      return Outcome::Fail("seaworthy.dev/pipeline-run says tests=" + tests + ": released although tests failed");
    case PipelineRun::Tests::kNone:
      return Outcome::Fail("seaworthy.dev/pipeline-run says tests=" + tests + ": released untested");
    case PipelineRun::Tests::kUnsaid:
      return Outcome::Unknown(UnknownCause::kNotDeclared,
                              "seaworthy.dev/pipeline-run names a run and says nothing of its tests (tests=passed)");
    case PipelineRun::Tests::kUnreadable: break;
  }
  return Outcome::Unknown(UnknownCause::kUnreadable, "seaworthy.dev/pipeline-run says tests=" + tests +
                                                         ", which is neither passed, failed, none nor a count");
}

}  // namespace

constinit const Check kPipelineTests = {
    .id = "pipeline-tests",
    .title = "A pipeline tested this release before it was deployed",
    .section = Section::kDelivery,
    .severity = Severity::kMedium,
    .subject = SubjectType::kWorkload,
    .attestable = true,
    .max_days = 90,
    .rule =
        "Reads the annotation seaworthy.dev/pipeline-run of the pod template, else of the workload: the run's URL, "
        "commit=... and tests=passed, failed, none, or a count such as 412/412. Passed tests pass; failed ones and "
        "none fail. Unknown without the annotation, where it says nothing of tests, and after a change of the template "
        "by an interactive tool, unless somebody attests that unit and integration tests ran.",
    .why =
        "What was not tested before it is deployed is tested by its users. Nothing in a cluster shows whether tests "
        "ran, so the pipeline has to say so.",
    .fix =
        "Let the pipeline set it on the pod template as it deploys: spec.template.metadata.annotations "
        "seaworthy.dev/pipeline-run: \"https://ci.example/runs/512 commit=3f2c1aa tests=412/412\". Or write an "
        "Attestation with forImage, which lapses with the next release.",
    .source = "Q. Delivery: deployed by a pipeline with tests and smoke tests",
    .traps =
        "An annotation is the pipeline's word, and on the workload itself it outlives releases that the pipeline did "
        "not make: on the template it belongs to one.",
    .run = Run,
};

}  // namespace seaworthy::checks
