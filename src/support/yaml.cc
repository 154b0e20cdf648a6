#include "support/yaml.h"

#include <algorithm>
#include <charconv>
#include <exception>
#include <string>
#include <utility>

#include "support/yaml_block.h"
#include "support/yaml_events.h"

namespace seaworthy::support {
namespace {

constexpr std::string_view kBom = "\xEF\xBB\xBF";

std::uint32_t CountLines(std::string_view text) {
  return static_cast<std::uint32_t>(std::count(text.begin(), text.end(), '\n'));
}

// With its line break; the last one may have none.
std::string_view FirstLine(std::string_view text) {
  const std::size_t at = text.find('\n');
  return at == std::string_view::npos ? text : text.substr(0, at + 1);
}

// "---" or "..." stands alone or before a blank. In column 0 that is never part of a scalar (YAML 1.2, 9.1.2).
bool IsMarker(std::string_view line, std::string_view marker) {
  return line.starts_with(marker) &&
         (line.size() == 3 || line[3] == '\n' || line[3] == '\r' || line[3] == ' ' || line[3] == '\t');
}

std::string_view TrimLeft(std::string_view text) {
  const std::size_t at = text.find_first_not_of(" \t\r\n");
  return at == std::string_view::npos ? std::string_view() : text.substr(at);
}

bool IsBlankOrComment(std::string_view text) {
  text = TrimLeft(text);
  return text.empty() || text[0] == '#';
}

// Without leading comments, blank lines and one "---".
std::string_view SkipToContent(std::string_view text) {
  bool marker = false;
  while (!text.empty()) {
    const std::string_view line = FirstLine(text);
    if (!marker && IsMarker(line, "---")) {
      marker = true;
      text.remove_prefix(3);
    } else if (IsBlankOrComment(line)) {
      text.remove_prefix(line.size());
    } else {
      break;
    }
  }
  return TrimLeft(text);
}

}  // namespace

YamlDocuments::YamlDocuments(std::string_view text, YamlLimits limits, std::uint32_t first_line)
    : rest_(text), limits_(limits), line_(first_line) {}

// Takes the next document off: from its first line (directives and the separator included) to the next separator.
YamlDocuments::Piece YamlDocuments::Cut() {
  Piece piece;
  bool begun = false;  // behind the directives: the next "---" ends this document
  bool directive = false;
  std::size_t size = 0;
  while (size < rest_.size()) {
    const std::string_view line = FirstLine(rest_.substr(size));
    // Files that were joined carry a byte order mark before their first separator.
    const std::string_view bare = line.starts_with(kBom) ? line.substr(kBom.size()) : line;
    const char first = bare.empty() ? '\n' : bare[0];
    if (first == '-' && IsMarker(bare, "---")) {
      // What stands before it is a document, or comments that are nobody's: a text that is read in parts is cut here,
      // too.
      if (begun || (size > 0 && !directive)) break;
      begun = true;
      piece.empty = piece.empty && IsBlankOrComment(bare.substr(3));
    } else if (first == '.' && IsMarker(bare, "...")) {
      size += line.size();
      break;
    } else if (first == '%' && !begun) {
      directive = true;  // belongs to the document that follows
    } else if (first != '#' && first != '\n' && (piece.empty || !begun) && !IsBlankOrComment(bare)) {
      begun = true;
      piece.empty = false;
    }
    size += line.size();
  }
  piece.text = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return piece;
}

Status YamlDocuments::Error(std::string_view document, std::uint32_t line, std::string why) {
  // The tree names the line itself.
  if (why.starts_with("line ")) {
    std::from_chars(why.data() + 5, why.data() + why.size(), line);
  } else {
    why.insert(0, "line " + std::to_string(line) + ": ");
  }
  error_line_ = line;
  if (document.find("{{") != std::string_view::npos) {
    why += "; this looks like a Helm template ({{ ... }}): render it first, with `helm template`";
  } else {
    std::string_view at_line = document;
    for (std::uint32_t i = document_line_; i < line && !at_line.empty(); ++i)
      at_line.remove_prefix(FirstLine(at_line).size());
    const std::string_view indent = at_line.substr(0, std::min(at_line.find_first_not_of(" \t"), at_line.size()));
    if (indent.find('\t') != std::string_view::npos) why += "; the line is indented with a tab, YAML wants spaces";
  }
  return Status(Code::kInvalidArgument, std::move(why));
}

Result<bool> YamlDocuments::ReadJson(std::string_view text, Tree& tree, bool& is_json) {
  const std::string_view json = SkipToContent(text);
  is_json = json.starts_with('{');
  if (!is_json) return true;
  const std::uint32_t line = document_line_ + CountLines(text.substr(0, text.size() - json.size()));
  const Result<std::size_t> size = ParseJsonPrefix(json, tree, line);
  if (size.ok()) {
    // What follows is nothing, or the next value of a stream: `kubectl get -o json` twice into one file.
    const std::string_view behind = SkipToContent(json.substr(*size));
    if (behind.empty() || IsMarker(behind, "...")) return true;
    if (behind.starts_with('{')) {
      line_ -= CountLines(behind);
      rest_ = std::string_view(behind.data(), behind.size() + rest_.size());
      return true;
    }
  } else if (!tree.error().empty()) {
    return Error(text, document_line_, tree.error());
  }
  is_json = false;  // YAML's flow style begins with a brace too
  return true;
}

Result<bool> YamlDocuments::Read(std::string_view text, Tree& tree) {
  if (text.size() > limits_.document_bytes) {
    return Error({}, document_line_, "a document of more than " + std::to_string(limits_.document_bytes) + " bytes");
  }
  bool is_json = false;
  Result<bool> json = ReadJson(text, tree, is_json);
  if (is_json || !json.ok()) return json;
  tree.Reset();
  if (ReadYamlBlock(text, document_line_, tree)) return true;
  tree.Reset();
  const YamlProblem problem = ReadYamlEvents(text, document_line_, limits_.alias_nodes, tree);
  if (!problem.why.empty()) return Error(text, problem.line, problem.why);
  return tree.complete();
}

Result<bool> YamlDocuments::Next(Tree& tree) {
  error_line_ = 0;
  if (!std::exchange(begun_, true) && (rest_.starts_with("\xFF\xFE") || rest_.starts_with("\xFE\xFF"))) {
    rest_ = {};
    document_line_ = 1;
    return Error({}, 1, "a file in UTF-16; save it as UTF-8");
  }
  try {
    while (!rest_.empty()) {
      tree.Reset();
      const std::uint32_t begin = line_;
      const Piece piece = Cut();
      line_ += CountLines(piece.text);
      if (piece.empty) continue;
      std::string_view text = piece.text;
      if (text.starts_with(kBom)) text.remove_prefix(kBom.size());
      document_line_ = begin;
      Result<bool> read = Read(text, tree);
      if (!read.ok()) tree.Reset();
      if (!read.ok() || *read) return read;
    }
  } catch (const std::exception& error) {
    return Status(Code::kInternal, std::string("reading YAML: ") + error.what());
  }
  tree.Reset();
  return false;
}

Status ParseYaml(std::string_view text, Tree& tree, YamlLimits limits) {
  YamlDocuments documents(text, limits);
  const Result<bool> first = documents.Next(tree);
  if (!first.ok()) return first.status();
  if (!*first) {
    tree.Null();
    return Status::Ok();
  }
  Tree further;
  const Result<bool> second = documents.Next(further);
  if (second.ok() && !*second) return Status::Ok();
  tree.Reset();
  return Status(Code::kInvalidArgument, "line " + std::to_string(documents.document_line()) + ": a second document");
}

}  // namespace seaworthy::support
