// `seaworthy docs PAGE`: what stands under docs/, for `./dev refresh` and the tests that compare.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "wiring/commands.h"
#include "wiring/reference.h"

namespace seaworthy::wiring {

int DocsCommand(const std::string& page, const std::string& file) {
  std::string text;
  if (page == "checks") {
    text = ChecksReference();
  } else if (page == "metrics") {
    text = MetricsReference();
  } else if (page == "crd" && !file.empty()) {
    std::ifstream in(file, std::ios::binary);
    const std::string yaml(std::istreambuf_iterator<char>(in), {});
    Result<std::string> made = CrdReference(yaml);
    if (!in || !made.ok()) {
      std::fprintf(stderr, "seaworthy docs: %s: %s\n", file.c_str(),
                   in ? made.status().message().c_str() : "cannot be read");
      return kExitUsage;
    }
    text = std::move(*made);
  } else {
    std::fprintf(stderr, "seaworthy docs: there is no page \"%s\": checks, metrics, crd FILE\n", page.c_str());
    return kExitUsage;
  }
  std::fwrite(text.data(), 1, text.size(), stdout);
  return kExitOk;
}

}  // namespace seaworthy::wiring
