#include "api/trust_store.h"

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <utility>

namespace seaworthy::api {
namespace {

constexpr char kNowhere[] = "/nonexistent/seaworthy-trusts-only-the-cluster-ca";

struct Variable {
  const char* name;
  const char* kept_as;
};
constexpr std::array<Variable, 2> kVariables = {
    {{"SSL_CERT_FILE", "SEAWORTHY_ORIGINAL_SSL_CERT_FILE"}, {"SSL_CERT_DIR", "SEAWORTHY_ORIGINAL_SSL_CERT_DIR"}}};

}  // namespace

void IsolateTrustStore() {
  // NOLINTBEGIN(concurrency-mt-unsafe): the caller promises that there is one thread.
  for (const Variable& variable : kVariables) {
    const char* value = std::getenv(variable.name);
    if (value != nullptr && std::string_view(value) == kNowhere) continue;
    if (value != nullptr) setenv(variable.kept_as, value, 1);
    setenv(variable.name, kNowhere, 1);
  }
  // NOLINTEND(concurrency-mt-unsafe)
}

std::vector<std::string> OriginalEnvironment() {
  std::vector<std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    std::string text = *entry;
    bool keep = true;
    for (const Variable& variable : kVariables) {
      if (text == std::string(variable.name) + "=" + kNowhere) keep = false;
      const std::string kept = std::string(variable.kept_as) + "=";
      if (text.starts_with(kept)) text = std::string(variable.name) + "=" + text.substr(kept.size());
    }
    if (keep) result.push_back(std::move(text));
  }
  return result;
}

}  // namespace seaworthy::api
