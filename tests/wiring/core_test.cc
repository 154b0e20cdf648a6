#include "wiring/core.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "cache/decode.h"
#include "support/json.h"
#include "support/manual_loop.h"

namespace seaworthy::wiring {
namespace {

class CoreTest : public ::testing::Test {
 protected:
  // Everything is there and empty, but for what `objects` says.
  void Begin(std::initializer_list<std::pair<Kind, std::string>> objects) {
    for (const KindInfo& info : KindTable()) {
      core_.Accept({EventType::kInit, info.kind, nullptr, {}});
      for (const auto& [kind, text] : objects) {
        if (kind == info.kind) core_.Accept({EventType::kInitApply, kind, Object(kind, text), {}});
      }
      core_.Accept({EventType::kInitDone, info.kind, nullptr, {}});
    }
    loop_.Advance(std::chrono::minutes(1));
  }
  ObjectPtr Object(Kind kind, const std::string& text) {
    support::Tree tree;
    EXPECT_TRUE(support::ParseJson(text, tree).ok()) << text;
    Result<ObjectPtr> decoded = decoder_->Decode(kind, tree.root());
    EXPECT_TRUE(decoded.ok()) << decoded.status().message();
    return *std::move(decoded);
  }

  support::ManualClock clock_;
  support::ManualLoop loop_{clock_};
  TextPool pool_;
  std::unique_ptr<ObjectDecoder> decoder_ = cache::MakeDecoder(pool_);
  Core core_{loop_, clock_, pool_, {}};
};

// Found by the simulation: the writer, told of a report in the same breath in which its subject went, asked for the report of nobody.
TEST_F(CoreTest, NobodyHearsOfAReportWhileItsSubjectIsHalfGone) {
  const std::string web = R"({"metadata":{"name":"web","namespace":"shop","uid":"8c5af6cd-181a-4000-8000-f6cd181a68d3","resourceVersion":"7"},"spec":{"selector":{"matchLabels":{"app":"web"}},
    "template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"app","image":"web:1"}]}}}})";
  Begin({{Kind::kNamespace, R"({"metadata":{"name":"shop","uid":"8c5af6cd-181a-4000-8000-f6cd181a68d4","resourceVersion":"3"}})"}, {Kind::kDeployment, web}});
  ASSERT_TRUE(core_.ready());
  ASSERT_EQ(core_.engine().WorkloadIds().size(), 1u);
  std::size_t heard = 0;
  core_.on_own_object = [&](const WatchEvent&, const seaworthy::Object*) {
    ++heard;
    for (const std::uint32_t id : core_.engine().WorkloadIds()) EXPECT_EQ(core_.engine().ReportOf(id).name, "web");
  };
  core_.Accept({EventType::kDelete, Kind::kDeployment, Object(Kind::kDeployment, web), {}});
  core_.Accept({EventType::kApply, Kind::kWorkloadAudit, Object(Kind::kWorkloadAudit, R"({"metadata":{"name":"deployment-web","namespace":"shop","uid":"8c5af6cd-181a-4000-8000-f6cd181a68d5",
    "resourceVersion":"9"},"status":{"subject":{"kind":"Deployment","name":"web"}}})"), {}});
  loop_.Advance(std::chrono::seconds(1));
  EXPECT_EQ(heard, 1u);
  EXPECT_TRUE(core_.engine().WorkloadIds().empty());
}

}  // namespace
}  // namespace seaworthy::wiring
