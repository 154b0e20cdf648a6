// One watcher of Pods in virtual time, with a decoder that reads names and a sink that writes down what it is told.
#pragma once

#include <charconv>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/testing/fake_transport.h"
#include "api/testing/real_loop.h"
#include "api/testing/virtual_loop.h"
#include "api/watcher.h"
#include "seaworthy/object_decoder.h"
#include "seaworthy/text.h"

namespace seaworthy::api::testing {

class TestObject : public Object {
 public:
  using Object::Object;
  std::size_t resident_bytes() const override { return 0; }
};

// Refuses objects whose labels have "poison".
class TestDecoder : public ObjectDecoder {
 public:
  Result<ObjectPtr> Decode(Kind kind, const support::Node& node) const override {
    const support::Node& metadata = node["metadata"];
    if (metadata["labels"]["poison"].present()) return Status(Code::kInvalidArgument, "poison");
    auto object = std::make_unique<TestObject>(kind);
    object->meta.name = pool_.Intern(metadata["name"].text());
    object->meta.namespace_ = pool_.Intern(metadata["namespace"].text());
    object->meta.uid = Uid::Parse(metadata["uid"].text());
    const std::string_view version = metadata["resourceVersion"].text();
    std::from_chars(version.data(), version.data() + version.size(), object->meta.resource_version);
    return ObjectPtr(std::move(object));
  }

 private:
  mutable TextPool pool_;
};

// "apply ns/a@7", "init", "unreadable ns/a: why".
class TestSink : public WatchSink {
 public:
  void Accept(WatchEvent event) override {
    std::string line = Name(event.type);
    if (event.object != nullptr) {
      line += " ";
      if (!event.object->meta.namespace_.empty()) line += event.object->meta.namespace_.str() + "/";
      line += event.object->meta.name.str() + "@" + std::to_string(event.object->meta.resource_version);
    }
    if (event.type == EventType::kUnreadable) line += " " + event.detail;
    events.push_back(line);
  }
  std::vector<std::string> Take() { return std::exchange(events, {}); }

  std::vector<std::string> events;

 private:
  static std::string Name(EventType type) {
    switch (type) {
      case EventType::kInit: return "init";
      case EventType::kInitApply: return "collect";
      case EventType::kInitDone: return "replace";
      case EventType::kApply: return "apply";
      case EventType::kDelete: return "delete";
      case EventType::kUnreadable: return "unreadable";
      case EventType::kDegraded: return "degraded";
      case EventType::kAbsent: return "absent";
      case EventType::kDenied: return "denied";
      case EventType::kStalled: return "stalled";
      case EventType::kLive: return "live";
      case EventType::kGap: return "gap";
    }
    return "?";
  }
};

class TestHost : public WatcherHost {
 public:
  void EnterSnapshot(Kind, bool first, std::function<void()> go) override {
    firsts.push_back(first);
    go();
  }
  void LeaveSnapshot(Kind) override {}
  void RequestDiscovery() override { ++discoveries; }
  void ServerIsBack() override { ++returns; }
  const ServerVersion& server_version() const override { return version; }

  ServerVersion version{1, 36, "v1.36.3"};
  std::vector<bool> firsts;
  int discoveries = 0, returns = 0;
};

inline std::string PodJson(std::string_view name, int version, std::string_view more_metadata = {}) {
  return R"({"kind":"Pod","apiVersion":"v1","metadata":{"name":")" + std::string(name) +
         R"(","namespace":"ns","uid":"u-)" + std::string(name) + R"(","resourceVersion":")" + std::to_string(version) +
         "\"" + std::string(more_metadata) + R"(},"spec":{}})";
}
inline std::string EventJson(std::string_view type, const std::string& object) {
  return R"({"type":")" + std::string(type) + R"(","object":)" + object + "}";
}
inline std::string BookmarkJson(int version, bool initial_end = false) {
  return EventJson("BOOKMARK",
                   R"({"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":")" + std::to_string(version) +
                       "\"" + (initial_end ? R"(,"annotations":{"k8s.io/initial-events-end":"true"})" : "") + "}}");
}
inline std::string StatusJson(int code, std::string_view reason, std::string_view more = {}) {
  return R"({"kind":"Status","apiVersion":"v1","status":"Failure","message":"no","reason":")" + std::string(reason) +
         R"(","code":)" + std::to_string(code) + std::string(more) + "}";
}
inline std::string ListJson(int version, const std::vector<std::string>& items, std::string_view next = {}) {
  std::string text = R"({"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":")" +
                     std::to_string(version) + "\"" +
                     (next.empty() ? "" : R"(,"continue":")" + std::string(next) + "\"") + R"(},"items":[)";
  for (std::size_t i = 0; i < items.size(); ++i) text += (i == 0 ? "" : ",") + items[i];
  return text + "]}";
}

class WatcherRig {
 public:
  WatcherRig() : WatcherRig(TestHost().version) {}
  explicit WatcherRig(ServerVersion version) : transport(&loop), rng(7) {
    host.version = std::move(version);
    watcher = std::make_unique<Watcher>(
        WatcherParts{&transport, &loop, &loop, &rng, &decoder, &sink, &host, &tree, &small}, Kind::kPod);
  }

  void Discover(const std::string& version = "v1") {
    watcher->OnDiscovered({true, version});
    loop.Run();
  }
  // A first snapshot by watch-list with the pod "a", at version 100; the stream goes on.
  void Sync() {
    Discover();
    transport.Open();
    transport.Line(EventJson("ADDED", PodJson("a", 50)));
    transport.Line(BookmarkJson(100, true));
    sink.Take();
  }
  // Waits for the next stream.
  bool NextStream(Duration limit) {
    return loop.RunUntil([this] { return transport.has_stream(); }, limit);
  }
  void Line(std::string_view type, const std::string& object) { transport.Line(EventJson(type, object)); }
  const WatcherStats& stats() { return watcher->stats(); }
  Phase phase() const { return watcher->phase(); }
  static std::string Param(const HttpRequest& request, std::string_view name) {
    const std::size_t at = request.target.find(std::string(name) + "=");
    if (at == std::string::npos || (request.target[at - 1] != '?' && request.target[at - 1] != '&')) return "(none)";
    const std::size_t begin = at + name.size() + 1;
    return request.target.substr(begin, request.target.find('&', begin) - begin);
  }

  VirtualLoop loop;
  FakeTransport transport;
  TestRng rng;
  TestDecoder decoder;
  TestSink sink;
  TestHost host;
  support::Tree tree, small;
  std::unique_ptr<Watcher> watcher;
};

}  // namespace seaworthy::api::testing
