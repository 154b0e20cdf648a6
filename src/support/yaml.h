// YAML as Kubernetes manifests use it, read into the tree that JSON is read into: libyaml's events, our limits, and the
// scalar rules of sigs.k8s.io/yaml (yaml_scalar.h). Documents that are JSON are read as such, and those that keep to
// the usual block style without libyaml (yaml_block.h).
//
// Anchors, aliases and merge keys are resolved: an alias is a copy, and the copies of one document are limited, so that
// no "billion laughs" gets through. Doubled keys are errors. Nodes know their line in the whole text.
//
// Not thread-safe: one reader per thread. The text must outlive the reader; the tree copies what it keeps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "seaworthy/result.h"
#include "support/json.h"

namespace seaworthy::support {

struct YamlLimits {
  std::size_t document_bytes = 16 * 1024 * 1024;
  std::size_t alias_nodes =
      10'000;  // copied by aliases, per document; depth and number of values are limited by the tree
};

// The documents of a text, one after another. The text is cut at its separators first, so a document that cannot be
// read takes no other one with it.
class YamlDocuments {
 public:
  // `first_line`: of the text within its file, for a reader of a part of it.
  explicit YamlDocuments(std::string_view text, YamlLimits limits = {}, std::uint32_t first_line = 1);

  // Reads the next document into `tree` (reset first); documents without content are passed over. True: there is one;
  // false: the text has ended. An error ("line 7: ...") is about one document, and the next call goes on behind it.
  Result<bool> Next(Tree& tree);

  // The first line of the document that Next read or failed at, and the line that its error is about.
  std::uint32_t document_line() const { return document_line_; }
  std::uint32_t error_line() const { return error_line_; }

 private:
  struct Piece {
    std::string_view text;
    bool empty = true;  // nothing but comments and markers
  };
  Piece Cut();
  Result<bool> Read(std::string_view text, Tree& tree);
  Result<bool> ReadJson(std::string_view text, Tree& tree, bool& is_json);
  Status Error(std::string_view document, std::uint32_t line, std::string why);

  std::string_view rest_;
  YamlLimits limits_;
  std::uint32_t line_ = 1;  // of the beginning of rest_
  std::uint32_t document_line_ = 0;
  std::uint32_t error_line_ = 0;
  bool begun_ = false;
};

// Parses a text of one document into `tree` (reset first); a second one is an error. A text without content is null.
Status ParseYaml(std::string_view text, Tree& tree, YamlLimits limits = {});

}  // namespace seaworthy::support
