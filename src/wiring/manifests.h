// Loads what `scan` audits: manifests from files, folders and standard input, decoded to objects that know where they
// stand.
//
// Everything that can be read is delivered; what cannot is an error with file and line, what is not for us a counted
// note. Files, and the documents of large files, are read in parallel; the result is the same for any number of
// threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "seaworthy/object.h"
#include "seaworthy/object_decoder.h"
#include "seaworthy/text.h"
#include "wiring/line_index.h"
#include "wiring/progress.h"

namespace seaworthy::wiring {

struct LoadError {
  std::string file;
  std::uint32_t line = 0;  // 0: about the file as a whole
  std::string message;
};

// Something that was passed over, and how often. No effect on the exit code.
struct LoadNote {
  std::string message;  // "no apiVersion and kind: not a Kubernetes object"
  std::size_t count = 1;
  std::string file;  // the first of them
  std::uint32_t line = 0;
};

struct LoadedManifests {
  std::vector<std::string> files;  // what SourceRef::file indexes, in the order in which they were read
  std::vector<ObjectPtr> objects;  // by file and place in it; of two with the same identity the later
  std::vector<LoadError> errors;
  std::vector<LoadNote> notes;
  ManifestLines lines;  // of the objects' fields; empty unless LoadOptions::lines
};

struct LoadOptions {
  Text default_namespace;  // for namespaced objects that name none; empty: they keep none
  std::size_t document_bytes = std::size_t{16} * 1024 * 1024;
  std::size_t file_bytes = std::size_t{512} * 1024 * 1024;
  std::size_t part_bytes = std::size_t{256} * 1024;  // files are read in parts of about this size
  unsigned threads = 0;                              // 0: as many as there are processors, at most 8
  bool lines = false;
  ProgressCount* progress = nullptr;  // counts parts of files; optional
};

// `paths` as on the command line: files, folders, "-".
LoadedManifests LoadManifests(const std::vector<std::string>& paths, const ObjectDecoder& decoder,
                              const LoadOptions& options = {});

}  // namespace seaworthy::wiring
