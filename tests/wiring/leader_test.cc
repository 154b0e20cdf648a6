#include "wiring/leader.h"

#include <gtest/gtest.h>

#include <deque>
#include <nlohmann/json.hpp>

#include "support/manual_loop.h"

namespace seaworthy::wiring {
namespace {

using nlohmann::json;
using std::chrono::seconds;

class FixedRng : public Rng {
 public:
  std::uint64_t Next() override { return 0; }
};

// One Lease with optimistic locking, as the API server keeps it, and the faults that matter.
class LeaseServer {
 public:
  json lease;  // null: none
  int version = 0;
  bool down = false;        // no answer at all
  bool lose_reply = false;  // the next write is done, its reply is lost

  Result<HttpResponse> Handle(const HttpRequest& request) {
    if (down) return Status(Code::kUnavailable, "no answer");
    HttpResponse response;
    response.head.status = 200;
    if (request.method == Method::kGet) {
      if (lease.is_null()) {
        response.head.status = 404;
      } else {
        response.body = lease.dump();
      }
      return response;
    }
    json wanted = json::parse(request.body);
    const bool create = request.method == Method::kPost;
    if (create != lease.is_null() ||
        (!create && wanted["metadata"]["resourceVersion"] != lease["metadata"]["resourceVersion"])) {
      response.head.status = 409;
      return response;
    }
    wanted["metadata"]["resourceVersion"] = std::to_string(++version);
    lease = wanted;
    if (lose_reply) {
      lose_reply = false;
      return Status(Code::kUnavailable, "reply lost");
    }
    response.body = lease.dump();
    return response;
  }
  void TakeBy(const std::string& holder) {
    lease["spec"]["holderIdentity"] = holder;
    lease["metadata"]["resourceVersion"] = std::to_string(++version);
  }
};

class LeaseTransport : public Transport {
 public:
  LeaseTransport(LeaseServer& server, Executor& executor) : server_(server), executor_(executor) {}
  void Unary(HttpRequest request, Done done) override {
    executor_.Post([this, request = std::move(request), done = std::move(done)] {
      if (cut) {
        done(Status(Code::kUnavailable, "partitioned"));
      } else {
        done(server_.Handle(request));
      }
    });
  }
  StreamId Stream(HttpRequest, StreamObserver*) override { return 0; }
  void Cancel(StreamId) override {}
  bool cut = false;

 private:
  LeaseServer& server_;
  Executor& executor_;
};

class LeaderTest : public ::testing::Test {
 protected:
  struct Candidate {
    Candidate(LeaderTest& test, const std::string& identity)
        : transport(test.server_, test.loop_),
          elector({.namespace_ = "seaworthy", .name = "seaworthy", .identity = identity}, transport, test.loop_,
                  test.clock_, test.rng_, [this](bool leading) { changes.push_back(leading); }) {}
    LeaseTransport transport;
    std::deque<bool> changes;
    Elector elector;
  };
  void Pass(seconds time) {
    for (int i = 0; i < time.count() * 10; ++i) {
      loop_.Advance(std::chrono::milliseconds(100));
    }
  }

  support::ManualClock clock_;
  support::ManualLoop loop_{clock_};
  FixedRng rng_;
  LeaseServer server_;
};

TEST_F(LeaderTest, TakesAFreeLease) {
  Candidate a(*this, "a");
  a.elector.Start();
  Pass(seconds(1));
  EXPECT_TRUE(a.elector.leading());
  EXPECT_TRUE(a.elector.MayWrite());
  EXPECT_EQ(server_.lease["spec"]["holderIdentity"], "a");
}

TEST_F(LeaderTest, WaitsWhileAnotherRenews) {
  Candidate a(*this, "a"), b(*this, "b");
  a.elector.Start();
  Pass(seconds(1));
  b.elector.Start();
  Pass(seconds(120));
  EXPECT_TRUE(a.elector.leading());
  EXPECT_FALSE(b.elector.leading());
}

TEST_F(LeaderTest, TakesOverWhenTheLeaderFallsSilentAndCountsTheTransition) {
  Candidate a(*this, "a"), b(*this, "b");
  a.elector.Start();
  Pass(seconds(1));
  b.elector.Start();
  Pass(seconds(5));
  a.transport.cut = true;
  Pass(seconds(20));
  EXPECT_TRUE(b.elector.leading());
  EXPECT_EQ(server_.lease["spec"]["leaseTransitions"], 1);
  EXPECT_FALSE(a.elector.MayWrite()) << "a leader that cannot renew must not write";
}

TEST_F(LeaderTest, LosesTheRightToWriteBeforeAnotherCanTakeOver) {
  Candidate a(*this, "a");
  a.elector.Start();
  Pass(seconds(1));
  a.transport.cut = true;
  Pass(seconds(13));
  EXPECT_FALSE(a.elector.MayWrite());
  EXPECT_TRUE(a.elector.leading()) << "an outage proves nothing about another leader";
}

TEST_F(LeaderTest, RecoversItsRightToWriteAfterAnOutage) {
  Candidate a(*this, "a");
  a.elector.Start();
  Pass(seconds(1));
  server_.down = true;
  Pass(seconds(60));
  EXPECT_FALSE(a.elector.MayWrite());
  server_.down = false;
  Pass(seconds(5));
  EXPECT_TRUE(a.elector.MayWrite());
  EXPECT_EQ(a.changes, std::deque<bool>{true}) << "no demotion in between";
}

TEST_F(LeaderTest, ALostReplyIsNotALostLease) {
  Candidate a(*this, "a");
  a.elector.Start();
  Pass(seconds(1));
  server_.lose_reply = true;
  Pass(seconds(4));
  EXPECT_TRUE(a.elector.MayWrite());
  EXPECT_EQ(a.changes, std::deque<bool>{true});
}

TEST_F(LeaderTest, StepsDownWhenTheLeaseIsTakenByHand) {
  Candidate a(*this, "a");
  a.elector.Start();
  Pass(seconds(1));
  server_.TakeBy("somebody");
  Pass(seconds(4));
  EXPECT_FALSE(a.elector.leading());
  EXPECT_FALSE(a.elector.MayWrite());
}

TEST_F(LeaderTest, RecreatesADeletedLease) {
  Candidate a(*this, "a");
  a.elector.Start();
  Pass(seconds(1));
  server_.lease = nullptr;
  Pass(seconds(8));
  EXPECT_TRUE(a.elector.MayWrite());
  EXPECT_EQ(a.changes, std::deque<bool>{true});
}

TEST_F(LeaderTest, GivesTheLeaseBackOnStop) {
  Candidate a(*this, "a"), b(*this, "b");
  a.elector.Start();
  Pass(seconds(1));
  b.elector.Start();
  Pass(seconds(3));
  bool stopped = false;
  a.elector.Stop([&] { stopped = true; });
  Pass(seconds(1));
  EXPECT_TRUE(stopped);
  Pass(seconds(3));
  EXPECT_TRUE(b.elector.leading()) << "handover takes at most one retry";
}

TEST_F(LeaderTest, ADeposedLeaderThatWakesUpDoesNotWrite) {
  Candidate a(*this, "a");
  a.elector.Start();
  Pass(seconds(1));
  // Stopped by the kernel for half a minute while another took over: the first look at the clock forbids writing.
  server_.TakeBy("b");
  clock_.Advance(seconds(30));
  EXPECT_FALSE(a.elector.MayWrite());
}

}  // namespace
}  // namespace seaworthy::wiring
