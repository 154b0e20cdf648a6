// What an untagged or tagged YAML scalar is in JSON's model, by the rules of sigs.k8s.io/yaml (YAML 1.1 as go-yaml v2
// has it), so that a manifest means here what it means to kubectl: `yes` and `on` are true, 014 and 0o14 are 12, 1_000
// is 1000, a timestamp is a string.
//
// Pure functions, thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "support/json.h"

namespace seaworthy::support {

struct YamlScalar {
  NodeType type = NodeType::kString;  // kNull, kBool, kNumber or kString; kAbsent: `text` says why it cannot be read
  bool boolean = false;
  // A string, or a number in JSON's notation. Points into the input or into `storage`.
  std::string_view text;
};

// `plain`: written without quotes (or with the tag "!"). `tag`: in full ("tag:yaml.org,2002:int"), empty for none.
YamlScalar ResolveYamlScalar(std::string_view value, std::string_view tag, bool plain, std::string& storage);

// The same as the key of a mapping: always a string; kAbsent for null, which is no key.
YamlScalar ResolveYamlKey(std::string_view value, std::string_view tag, bool plain, std::string& storage);

}  // namespace seaworthy::support
