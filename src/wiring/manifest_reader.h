// Reads the documents of one text into objects. One part of LoadManifests; see manifests.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/object.h"
#include "seaworthy/object_decoder.h"
#include "support/json.h"
#include "wiring/line_index.h"
#include "wiring/manifests.h"

namespace seaworthy::wiring {

// Documents that were passed over for one reason: how many, and where the first is.
struct Skipped {
  std::size_t count = 0;
  std::uint32_t line = 0;
};

struct ManifestPart {
  std::vector<ObjectPtr> objects;                    // source.line is set, source.file is not yet
  std::vector<LineIndex> lines;                      // as objects; empty unless LoadOptions::lines
  std::vector<LoadError> errors;                     // without their file
  Skipped nameless;                                  // without apiVersion and kind
  std::map<std::string, Skipped> foreign, outdated;  // by "apiVersion Kind"
  std::map<std::string, Skipped> removed;  // in versions that are read, though no server serves them; by what to say
  Skipped without_namespace;               // of a namespaced kind, where none is given from outside
  bool with_namespace = false;             // some name one
  std::map<std::string, Skipped> once;     // by kind: Jobs, and Pods that are not started again
};

// One per thread: it keeps its trees' memory between texts.
class ManifestReader {
 public:
  ManifestReader(const ObjectDecoder& decoder, const LoadOptions& options);

  // `text` begins at `first_line` of its file.
  ManifestPart Read(std::string_view text, std::uint32_t first_line);

 private:
  void ReadDocument(const support::Node& root, ManifestPart& part);
  void ReadObject(Kind kind, const support::Node& node, ManifestPart& part);
  ManifestPart ReadLargeList(std::string_view text);

  const ObjectDecoder& decoder_;
  const LoadOptions& options_;
  support::Tree tree_, item_;
};

// Where a text may be cut without cutting a document: offsets of "---" lines, about `part_bytes` apart, beginning with
// 0. Only the first one for texts in which a separator alone does not say enough (JSON, %directives).
std::vector<std::size_t> FindCuts(std::string_view text, std::size_t part_bytes);

}  // namespace seaworthy::wiring
