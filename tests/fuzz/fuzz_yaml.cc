// YAML as strangers write it: every text comes to an end, in documents and errors that know their lines.
#include <algorithm>

#include "fuzz/fuzz.h"
#include "support/canonical_json.h"
#include "support/json.h"
#include "support/tree_text.h"
#include "support/yaml.h"
#include "support/yaml_block.h"
#include "support/yaml_events.h"

namespace seaworthy {
namespace {

// libyaml counts the line breaks of YAML 1.1, of which CR, NEL, LS and PS are ones: at most this many lines.
std::uint32_t MostLines(std::string_view text) {
  const auto count = [&](char c) { return std::count(text.begin(), text.end(), c); };
  return static_cast<std::uint32_t>(2 + count('\n') + count('\r') + count('\x85') + count('\xa8') + count('\xa9'));
}

void RequireLines(const support::Node& node, std::uint32_t last) {
  fuzz::Require(node.line() >= 1 && node.line() <= last, "a line of the text", std::to_string(node.line()));
  for (const support::Node& child : node) RequireLines(child, last);
}

// What is read without libyaml is what libyaml reads.
void RequireSame(std::string_view text) {
  static support::Tree quick, slow;
  quick.Reset();
  slow.Reset();
  if (!support::ReadYamlBlock(text, 1, quick)) return;
  const support::YamlProblem problem = support::ReadYamlEvents(text, 1, 1000, slow);
  fuzz::Require(problem.why.empty(), "libyaml reads it, too", problem.why);
  fuzz::Require(support::TextWithLines(quick.root()) == support::TextWithLines(slow.root()), "libyaml reads the same",
                support::TextWithLines(slow.root()));
}

}  // namespace
}  // namespace seaworthy

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace seaworthy;
  const std::string_view text = fuzz::Text(data, size);
  RequireSame(text);
  const std::uint32_t last = MostLines(text);
  static support::Tree tree, again;
  support::YamlDocuments documents(text, {.document_bytes = 16 * 1024, .alias_nodes = 1000});
  std::uint32_t line = 0;
  for (std::size_t count = 0;; ++count) {
    fuzz::Require(count <= size + 1, "it ends");
    const Result<bool> more = documents.Next(tree);
    if (more.ok() && !*more) break;
    fuzz::Require(documents.document_line() >= line && documents.document_line() <= last, "documents are in order");
    line = documents.document_line();
    if (!more.ok()) {
      fuzz::Require(more.status().code() == Code::kInvalidArgument, "the text's fault", more.status().message());
      fuzz::Require(documents.error_line() >= 1 && documents.error_line() <= last, "an error has a line",
                    more.status().message());
      fuzz::Require(!tree.root().present(), "an error leaves no half of a document");
      continue;
    }
    RequireLines(tree.root(), last);
    const std::string canonical = support::CanonicalJson(tree.root());
    const Status status = support::ParseJson(canonical, again);
    fuzz::Require(status.ok() && support::CanonicalJson(again.root()) == canonical, "it is in JSON's model",
                  canonical + "\n" + status.message());
  }
  return 0;
}
