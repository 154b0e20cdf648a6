#include "api/exchange.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace seaworthy::api {
namespace {

class Observer : public WireObserver {
 public:
  void OnConnected() override {}
  void OnHead(WireHead) override {}
  bool OnBytes(std::string_view bytes) override {
    if (during_bytes) during_bytes();
    taken += bytes;
    return go_on;
  }
  void OnEnd(WireResult) override {}

  std::function<void()> during_bytes;
  std::string taken;
  bool go_on = true;
};

// A block that overtook the head: the exchange holds it until the head is through.
struct HeldBlock {
  explicit HeldBlock(Exchange& exchange) {
    const bool taken = exchange.Write(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(),
                                      [this] { return [this](std::size_t size) { released = size; }; });
    EXPECT_FALSE(taken);
  }
  const std::string bytes = "{\"kind\":";
  std::optional<std::size_t> released;
};

TEST(Exchange, ABlockBeforeTheHeadIsDeliveredAfterIt) {
  const auto observer = std::make_shared<Observer>();
  Exchange exchange(1, observer);
  HeldBlock block(exchange);
  EXPECT_EQ(observer->taken, "");
  exchange.DeliverHead({});
  EXPECT_EQ(observer->taken, block.bytes);
  EXPECT_EQ(block.released, block.bytes.size());
}

// The library frees a released block, so it must not be released while the observer still reads it.
TEST(Exchange, ABlockIsNotReleasedWhileItIsRead) {
  for (const bool abort : {true, false}) {
    const auto observer = std::make_shared<Observer>();
    Exchange exchange(1, observer);
    HeldBlock block(exchange);
    observer->go_on = abort;
    observer->during_bytes = [&] {
      abort ? exchange.Abort() : exchange.Resume();
      EXPECT_FALSE(block.released) << (abort ? "Abort" : "Resume");
    };
    exchange.DeliverHead({});
    EXPECT_EQ(block.released, block.bytes.size()) << (abort ? "Abort" : "Resume");
  }
}

TEST(Exchange, APausedBlockWaitsForResume) {
  const auto observer = std::make_shared<Observer>();
  Exchange exchange(1, observer);
  HeldBlock block(exchange);
  observer->go_on = false;
  exchange.DeliverHead({});
  EXPECT_FALSE(block.released);
  exchange.Resume();
  EXPECT_EQ(block.released, block.bytes.size());
}

}  // namespace
}  // namespace seaworthy::api
