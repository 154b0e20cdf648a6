// Decodes manifests written in a test. JSON comes without line numbers, as from the API server; YAML with them, as in a
// scan.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "cache/decode.h"
#include "seaworthy/objects.h"
#include "seaworthy/workload.h"
#include "support/json.h"
#include "support/yaml.h"

namespace seaworthy::cache {

class DecodeTest : public testing::Test {
 protected:
  // Null after a failure, which is reported.
  template <typename T>
  std::unique_ptr<T> Yaml(Kind kind, std::string_view text) {
    const Status status = support::ParseYaml(text, tree_);
    EXPECT_TRUE(status.ok()) << status.message();
    return Decode<T>(kind);
  }
  template <typename T>
  std::unique_ptr<T> Json(Kind kind, std::string_view text) {
    const Status status = support::ParseJson(text, tree_);
    EXPECT_TRUE(status.ok()) << status.message();
    return Decode<T>(kind);
  }
  // The error's message; empty when there is none.
  std::string ErrorOf(Kind kind, std::string_view yaml) {
    const Status status = support::ParseYaml(yaml, tree_);
    EXPECT_TRUE(status.ok()) << status.message();
    const Result<ObjectPtr> result = decoder_->Decode(kind, tree_.root());
    EXPECT_TRUE(result.ok() || result.status().code() == Code::kInvalidArgument);
    return result.ok() ? std::string() : result.status().message();
  }

  TextPool pool_;
  std::unique_ptr<ObjectDecoder> decoder_ = MakeDecoder(pool_);
  support::Tree tree_;

 private:
  template <typename T>
  std::unique_ptr<T> Decode(Kind kind) {
    Result<ObjectPtr> result = decoder_->Decode(kind, tree_.root());
    tree_.Reset();  // nothing may refer to it any more
    if (!result.ok()) {
      ADD_FAILURE() << result.status().message();
      return nullptr;
    }
    EXPECT_EQ((*result)->kind, kind);
    return std::unique_ptr<T>(dynamic_cast<T*>(result->release()));
  }
};

}  // namespace seaworthy::cache
