// Finds the files that `scan PATH...` means: files, folders with all that is below them, "-" for standard input.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "seaworthy/result.h"

namespace seaworthy::wiring {

struct ManifestProblem {
  std::string path, why;
};

struct ManifestFiles {
  std::vector<std::string>
      files;  // in the order given, folders in alphabetical order; each file once, whatever leads to it
  std::vector<ManifestProblem> errors;   // what cannot be opened or does not exist
  std::vector<std::string> helm_charts;  // folders of charts that were passed over
};

// Folders give their *.yaml, *.yml and *.json; files named by the caller may be called anything. Symbolic links are
// followed, each folder is entered once, so a loop of them ends. A chart's templates are no YAML yet and its values no
// objects: such a folder is passed over as a whole.
ManifestFiles FindManifestFiles(const std::vector<std::string>& paths);

// The whole of a file, a pipe or ("-") standard input; kResourceExhausted beyond `most` bytes.
Result<std::string> ReadWhole(const std::string& path, std::size_t most);

}  // namespace seaworthy::wiring
