// The kubelet's expansion of $(VAR) in environment values, command and args (third_party/forked/golang/expansion), as
// far as the manifest shows the variables: literals, and the container's own memory by resourceFieldRef. What it does
// not show stays as it is written.
//
// Expanded text may hold credentials: it lives only while one container is decoded.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "seaworthy/pod_spec.h"
#include "support/json.h"

namespace seaworthy::cache {

class EnvExpansion {
 public:
  static constexpr std::size_t kAll = static_cast<std::size_t>(-1);

  // `env` is the container's list of variables; of `container` name and resources are read.
  EnvExpansion(const support::Node& env, const Container& container) : env_(env), container_(container) {}

  // With the first `count` variables of the list: a variable sees those before it, command and args see all.
  std::string Expand(std::string_view text, std::size_t count = kAll);
  // The value of variable `index`, called `name`; "$(NAME)" where the manifest does not show it.
  std::string ValueOf(std::string_view name, std::size_t index) {
    return Expand("$(" + std::string(name) + ")", index + 1);
  }

 private:
  std::optional<std::string> Find(std::string_view name, std::size_t count);
  std::optional<std::string> OwnMemory(const support::Node& reference) const;

  const support::Node& env_;
  const Container& container_;
  // Each look-up walks the list, which strangers write: no more than so many.
  int lookups_left_ = 256;
};

}  // namespace seaworthy::cache
