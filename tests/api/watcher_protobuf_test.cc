// Watches and lists in protobuf: what differs from JSON is what the bytes look like, and that JSON is there to fall
// back on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/length_frames.h"
#include "api/testing/protobuf.h"
#include "api/testing/watcher_rig.h"

namespace seaworthy::api::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kAccept = "application/vnd.kubernetes.protobuf, application/json";

HttpHead ProtobufHead(int status = 200) {
  return {.status = status, .content_type = "application/vnd.kubernetes.protobuf;stream=watch"};
}
std::string Bookmark(int version, bool initial_end = false) {
  std::string meta = ProtoBytes(6, std::to_string(version));
  if (initial_end) meta += ProtoBytes(12, ProtoBytes(1, "k8s.io/initial-events-end") + ProtoBytes(2, "true"));
  return ProtoFrame(ProtoEvent("BOOKMARK", ProtoObject("v1", "Pod", ProtoBytes(1, meta))));
}
std::string Frame(std::string_view type, const std::string& object) { return ProtoFrame(ProtoEvent(type, object)); }
// spec.field 250
std::string NewerPod(std::string_view name, int version) {
  return ProtoPod(name, version, ProtoBytes(2, ProtoBytes(250, "new")));
}

struct ProtobufRig : WatcherRig {
  void Sync() {
    Discover();
    EXPECT_EQ(transport.stream_request().accept, kAccept);
    transport.Head(ProtobufHead());
    transport.Bytes(Frame("ADDED", ProtoPod("a", 50)) + Bookmark(100, true));
    EXPECT_THAT(sink.Take(), ElementsAre("init", "collect ns/a@50", "replace"));
  }
};

TEST(WatcherProtobuf, EventsAreReadAsTheirJsonIs) {
  ProtobufRig rig;
  rig.Sync();
  rig.transport.Bytes(Frame("ADDED", ProtoPod("b", 101)) + Frame("DELETED", ProtoPod("a", 102)) + Bookmark(150));
  EXPECT_THAT(rig.sink.Take(), ElementsAre("apply ns/b@101", "delete ns/a@102"));
  EXPECT_EQ(rig.watcher->resource_version(), "150");
}

TEST(WatcherProtobuf, AServerMayAnswerInJson) {
  WatcherRig rig;
  rig.Sync();
  rig.Line("ADDED", PodJson("b", 101));
  EXPECT_THAT(rig.sink.Take(), ElementsAre("apply ns/b@101"));
}

TEST(WatcherProtobuf, FramesComeInPiecesOfAnySize) {
  const std::string bytes = Frame("ADDED", ProtoPod("b", 101)) + Frame("MODIFIED", ProtoPod("b", 102)) + Bookmark(150);
  for (std::size_t size = 1; size <= bytes.size(); ++size) {
    ProtobufRig rig;
    rig.Sync();
    for (std::size_t at = 0; at < bytes.size(); at += size)
      rig.transport.Bytes(std::string_view(bytes).substr(at, size));
    ASSERT_THAT(rig.sink.Take(), ElementsAre("apply ns/b@101", "apply ns/b@102")) << size;
    ASSERT_EQ(rig.watcher->resource_version(), "150");
  }
}

TEST(WatcherProtobuf, AFrameThatIsCutOffIsDropped) {
  ProtobufRig rig;
  rig.Sync();
  const std::string frame = Frame("ADDED", ProtoPod("b", 101));
  rig.transport.Bytes(std::string_view(frame).substr(0, frame.size() - 1));
  rig.transport.End();
  EXPECT_EQ(rig.stats().partial_frames, 1u);
  ASSERT_TRUE(rig.NextStream(1s));
  EXPECT_EQ(WatcherRig::Param(rig.transport.stream_request(), "resourceVersion"), "100");
  EXPECT_EQ(rig.transport.stream_request().accept, kAccept);
}

TEST(WatcherProtobuf, AStatusIsUnderstood) {
  ProtobufRig rig;
  rig.Sync();
  rig.loop.RunFor(1min);
  const std::string gone = ProtoBytes(2, "Failure") + ProtoBytes(4, "Expired") + ProtoNumber(6, 410);
  rig.transport.Bytes(Frame("ERROR", ProtoObject("v1", "Status", gone)));
  EXPECT_EQ(rig.stats().relists.at("gone"), 1u);
  ASSERT_TRUE(rig.NextStream(2s));
  const std::string denied =
      ProtoBytes(2, "Failure") + ProtoBytes(3, "not you") + ProtoBytes(4, "Forbidden") + ProtoNumber(6, 403);
  rig.transport.Refuse(ProtobufHead(403), ProtoObject("v1", "Status", denied));
  EXPECT_THAT(rig.stats().message, HasSubstr("not you"));
}

TEST(WatcherProtobuf, AFieldOfANewerServerMakesTheKindJsonFromWhereItWas) {
  ProtobufRig rig;
  rig.Sync();
  rig.transport.Bytes(Frame("ADDED", ProtoPod("b", 101)) + Frame("ADDED", NewerPod("c", 102)));
  EXPECT_THAT(rig.sink.Take(), ElementsAre("apply ns/b@101"));
  EXPECT_EQ(rig.stats().restarts.at("format"), 1u);
  EXPECT_EQ(rig.stats().message, "format: protobuf: spec: field 250 unknown");
  ASSERT_TRUE(rig.NextStream(1s));
  EXPECT_EQ(WatcherRig::Param(rig.transport.stream_request(), "resourceVersion"), "101");
  EXPECT_EQ(rig.transport.stream_request().accept, "");
  EXPECT_THAT(rig.stats().relists, IsEmpty());
  rig.transport.Open();
  rig.Line("ADDED", PodJson("c", 102));
  EXPECT_THAT(rig.sink.Take(), ElementsAre("apply ns/c@102"));
}

TEST(WatcherProtobuf, AFieldOfANewerServerAmongTheInitialEventsBeginsThemAnewInJson) {
  ProtobufRig rig;
  rig.Discover();
  rig.transport.Head(ProtobufHead());
  rig.transport.Bytes(Frame("ADDED", ProtoPod("a", 50)) + Frame("ADDED", NewerPod("b", 51)));
  ASSERT_TRUE(rig.NextStream(1s));
  EXPECT_EQ(rig.transport.stream_request().accept, "");
  EXPECT_EQ(WatcherRig::Param(rig.transport.stream_request(), "sendInitialEvents"), "true");
  rig.transport.Open();
  rig.transport.Line(EventJson("ADDED", PodJson("b", 51)));
  rig.transport.Line(BookmarkJson(100, true));
  const std::vector<std::string> events = rig.sink.Take();
  EXPECT_EQ(std::vector<std::string>(events.end() - 3, events.end()),
            (std::vector<std::string>{"init", "collect ns/b@51", "replace"}));
}

TEST(WatcherProtobuf, AFrameThatIsTooLargeMakesTheKindJson) {
  ProtobufRig rig;
  rig.Sync();
  rig.transport.Bytes("\x7f\xff\xff\xff");
  EXPECT_EQ(rig.stats().restarts.at("format"), 1u);
  ASSERT_TRUE(rig.NextStream(1s));
  EXPECT_EQ(rig.transport.stream_request().accept, "");
}

TEST(WatcherProtobuf, PagesAreReadAndBeginAnewInJsonWhereTheyCannotBe) {
  WatcherRig rig(ServerVersion{1, 30, "v1.30.0"});
  rig.Discover();
  ASSERT_EQ(rig.transport.calls.size(), 1u);
  EXPECT_EQ(rig.transport.calls.front().request.accept, kAccept);
  const auto page = [](const std::string& items, std::string_view next) {
    return HttpResponse{
        {.status = 200, .content_type = "application/vnd.kubernetes.protobuf"},
        ProtoObject("v1", "PodList", ProtoBytes(1, ProtoBytes(2, "100") + ProtoBytes(3, next)) + items)};
  };
  const auto item = [](std::string_view name, int version, std::string_view more = {}) {
    return ProtoBytes(2, ProtoBytes(1, ProtoMeta("ns", name, version)) + std::string(more));
  };
  rig.transport.Answer(page(item("a", 50), "more"));
  ASSERT_EQ(rig.transport.calls.size(), 1u);
  EXPECT_EQ(rig.transport.calls.front().request.accept, kAccept);
  rig.transport.Answer(page(item("b", 51, ProtoBytes(2, ProtoBytes(250, "new"))), ""));
  ASSERT_EQ(rig.transport.calls.size(), 1u);
  EXPECT_EQ(rig.transport.calls.front().request.accept, "");
  EXPECT_EQ(WatcherRig::Param(rig.transport.calls.front().request, "continue"), "(none)");
  rig.sink.Take();
  rig.transport.Answer(JsonAnswer(ListJson(100, {PodJson("a", 50), PodJson("b", 51)})));
  EXPECT_THAT(rig.sink.Take(), ElementsAre("collect ns/a@50", "collect ns/b@51", "replace"));
  EXPECT_EQ(rig.stats().restarts.at("format"), 1u);
}

}  // namespace
}  // namespace seaworthy::api::testing
