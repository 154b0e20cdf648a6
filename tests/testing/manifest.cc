#include "testing/manifest.h"

#include <gtest/gtest.h>

#include "support/json.h"
#include "support/yaml.h"

namespace seaworthy::testing {

ObjectPtr Decoded(const ObjectDecoder& decoder, std::string_view yaml) {
  support::Tree tree;
  const Status parsed = support::ParseYaml(yaml, tree);
  EXPECT_TRUE(parsed.ok()) << parsed.message() << "\n" << yaml;
  if (!parsed.ok()) return nullptr;
  const auto kind = FindKind(tree.root()["apiVersion"].text(), tree.root()["kind"].text());
  EXPECT_TRUE(kind.has_value()) << yaml;
  if (!kind) return nullptr;
  Result<ObjectPtr> object = decoder.Decode(*kind, tree.root());
  EXPECT_TRUE(object.ok()) << object.status().message() << "\n" << yaml;
  return object.ok() ? *std::move(object) : nullptr;
}

}  // namespace seaworthy::testing
