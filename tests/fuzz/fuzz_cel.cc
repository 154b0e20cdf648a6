// CEL: whatever is compiled ends within its bounds, says the same twice, and with fewer steps nothing else than an
// error.
#include <array>

#include "fuzz/fuzz.h"
#include "support/cel/program.h"
#include "support/json.h"

namespace seaworthy {
namespace {

constexpr std::string_view kObject =
    R"({"metadata": {"name": "web", "labels": {"app": "web", "team": ""}, "annotations": {"url": "https://a:1/b?c=d#e"}},
  "spec": {"replicas": 3, "ratio": 0.5, "none": null, "on": true, "list": [3, 1, 2], "names": ["a", "ü"], "containers": [{"name": "app", "image": "a/b:1",
  "resources": {"limits": {"memory": "64Mi"}}, "env": [{"name": "A"}]}, {"name": "proxy"}]}})";

struct Object {
  Object() { fuzz::Require(support::ParseJson(kObject, tree).ok(), "the object is JSON", kObject); }
  support::Tree tree;
};

}  // namespace
}  // namespace seaworthy

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace seaworthy;
  namespace cel = support::cel;
  static const Object object;
  const std::string text(fuzz::Text(data, size));
  const Result<cel::ProgramPtr> program = cel::Compile(text, {"object", "namespaceObject", "params"});
  if (!program.ok()) {
    fuzz::Require(!program.status().message().empty(), "a refusal says why", text);
    return 0;
  }
  const std::array<const support::Node*, 3> variables = {&object.tree.root(), nullptr, &object.tree.root()};
  const cel::Evaluation one = (*program)->Evaluate(variables), other = (*program)->Evaluate(variables);
  fuzz::Require(one.result == other.result && one.error == other.error && one.steps == other.steps, "the same twice",
                text);
  fuzz::Require((one.result == cel::Evaluation::Result::kError) == !one.error.empty(),
                "an error says why, and nothing else does", text);
  cel::Limits tight;
  tight.steps = 50;
  const Result<cel::ProgramPtr> again = cel::Compile(text, {"object", "namespaceObject", "params"}, tight);
  fuzz::Require(again.ok(), "steps are no matter of compiling", text);
  const cel::Evaluation cut = (*again)->Evaluate(variables);
  fuzz::Require(cut.result == one.result || cut.result == cel::Evaluation::Result::kError,
                "with fewer steps no other verdict", text);
  return 0;
}
