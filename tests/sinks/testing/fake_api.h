// An API server for our own kinds, under virtual time: server-side apply, GET and DELETE with preconditions, a watch
// that tells each change a moment later, and faults on demand. Only what the writer uses; the real server is asked by
// tests/e2e/crds.sh.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "seaworthy/objects.h"
#include "seaworthy/transport.h"
#include "sinks/audit_report/json.h"
#include "sinks/report/writer.h"
#include "support/canonical_json.h"
#include "support/json.h"
#include "support/manual_loop.h"

namespace seaworthy::sinks::testing {

class FakeApi final : public Transport {
 public:
  struct Stored {
    Uid uid;
    std::uint64_t version = 0;
    std::string status;
    std::string owner_uid;
  };
  struct Call {
    MonoTime at;
    Method method;
    std::string target;
    std::string body;
  };
  using Fault = std::function<std::optional<Result<HttpResponse>>(const HttpRequest&)>;

  FakeApi(support::ManualLoop& loop, support::ManualClock& clock, TextPool& pool)
      : loop_(loop), clock_(clock), pool_(pool) {}

  // "/WorkloadAudit/shop/deployment-web"
  static std::string Target(Kind kind, std::string_view ns, std::string_view name) {
    return "/" + std::string(Info(kind).name) + "/" + std::string(ns) + "/" + std::string(name);
  }

  void Unary(HttpRequest request, Done done) override {
    calls_.push_back({clock_.Now(), request.method, request.target, request.body});
    std::optional<Result<HttpResponse>> answer = fault ? fault(request) : std::nullopt;
    if (!answer) answer = Serve(request);
    if (lose_answers) answer = Status(Code::kUnavailable, "reset");
    loop_.PostAfter(latency, [done = std::move(done), answer = std::move(*answer)] { done(answer); });
  }
  StreamId Stream(HttpRequest, StreamObserver*) override { return 0; }
  void Cancel(StreamId) override {}

  // Somebody else's hand.
  void Edit(const std::string& target, std::string status) {
    Stored& stored = objects.at(target);
    stored.status = std::move(status);
    stored.version = ++version_;
    Tell(target);
  }
  void Delete(std::string target) {  // by value: callers hand in keys of `objects`
    const Stored gone = objects.at(target);
    objects.erase(target);
    TellDeleted(target, gone);
  }
  // The first list of a watch that begins now.
  void ListTo(report::Writer& writer) const {
    for (const auto& [target, stored] : objects) Show(writer, target, stored);
  }

  std::size_t Count(Method method) const {
    std::size_t count = 0;
    for (const Call& call : calls_) count += call.method == method ? 1 : 0;
    return count;
  }
  const std::vector<Call>& calls() const { return calls_; }
  void Forget() { calls_.clear(); }

  static HttpResponse Answer(int status, std::string body = {}) {
    HttpResponse response;
    response.head.status = status;
    response.head.content_type = "application/json";
    response.body = std::move(body);
    return response;
  }

  std::map<std::string, Stored> objects;
  report::Writer* watcher = nullptr;
  Fault fault;
  bool lose_answers = false;  // what was asked is done, and nobody hears of it
  Duration latency = std::chrono::milliseconds(5);
  Duration watch_delay = std::chrono::milliseconds(10);

 private:
  static Kind KindOf(std::string_view target) {
    const std::string name(target.substr(1, target.find('/', 1) - 1));
    return name == "Report" ? Kind::kOpenReport : *FindKind("audit.seaworthy.dev/v1alpha1", name);
  }
  // What the object says beside its metadata: of a Report its members, as one object.
  static std::string Content(const support::Node& root) {
    if (root["status"].present()) return support::CanonicalJson(root["status"]);
    std::string text = "{";
    for (const std::string_view member : kOpenReportMembers) {
      if (text.size() > 1) text += ',';
      text += '"' + std::string(member) + "\":" + support::CanonicalJson(root[member]);
    }
    return text + "}";
  }
  static std::string Object(const std::string& target, const Stored& stored) {
    const bool report = KindOf(target) == Kind::kOpenReport;
    return R"({"metadata":{"uid":")" + stored.uid.ToString() + R"(","resourceVersion":")" +
           std::to_string(stored.version) + R"(","ownerReferences":[)" +
           (stored.owner_uid.empty() ? "" : R"({"uid":")" + stored.owner_uid + "\"}") + "]}," +
           (report ? stored.status.substr(1) : "\"status\":" + stored.status + "}");
  }

  Result<HttpResponse> Serve(const HttpRequest& request) {
    const std::string target = request.target.substr(0, request.target.find('?'));
    const auto at = objects.find(target);
    support::Tree tree;
    if (!request.body.empty() && !support::ParseJson(request.body, tree).ok()) return Answer(400);
    const support::Node& root = tree.root();
    switch (request.method) {
      case Method::kGet:
        return at == objects.end() ? Answer(404, R"({"reason":"NotFound"})") : Answer(200, Object(target, at->second));
      case Method::kDelete: {
        if (at == objects.end()) return Answer(404, R"({"reason":"NotFound"})");
        if (Differs(root["preconditions"], at->second)) return Answer(409);
        const Stored gone = at->second;
        objects.erase(at);
        TellDeleted(target, gone);
        return Answer(200, R"({"kind":"Status"})");
      }
      case Method::kPatch: {
        if (at == objects.end() ? root["metadata"]["uid"].present() : Differs(root["metadata"], at->second))
          return Answer(409);
        Stored& stored = objects[target];
        const bool created = at == objects.end();
        if (created) stored.uid = Uid{0xaaaaaaaaaaaaaaaa, ++uids_};
        const std::string status = Content(root);
        std::string owner;
        for (const support::Node& one : root["metadata"]["ownerReferences"]) owner = std::string(one["uid"].text());
        if (status != stored.status || owner != stored.owner_uid) {
          stored.status = status;
          stored.owner_uid = owner;
          stored.version = ++version_;
          Tell(target);
        }
        return Answer(created ? 201 : 200, Object(target, stored));
      }
      default: return Answer(405);
    }
  }
  static bool Differs(const support::Node& wanted, const Stored& stored) {
    if (wanted["uid"].present() && wanted["uid"].text() != stored.uid.ToString()) return true;
    return wanted["resourceVersion"].present() && wanted["resourceVersion"].text() != std::to_string(stored.version);
  }

  AuditObject Shown(const std::string& target, const Stored& stored) const {
    const std::size_t ns = target.find('/', 1), name = target.find('/', ns + 1);
    const Kind kind = KindOf(target);
    AuditObject object(kind);
    object.meta.namespace_ = pool_.Intern(target.substr(ns + 1, name - ns - 1));
    object.meta.name = pool_.Intern(target.substr(name + 1));
    object.meta.uid = stored.uid;
    object.resource_version = std::to_string(stored.version);
    support::Tree tree;
    if (support::ParseJson(stored.status, tree).ok()) {
      const support::Hash128 hash = support::CanonicalHash(tree.root());
      object.status_hash_high = hash.high;
      object.status_hash_low = hash.low;
    }
    if (!stored.owner_uid.empty()) {
      OwnerRef& owner = object.meta.owners.emplace_back();
      owner.uid = Uid::Parse(stored.owner_uid);
      owner.kind = pool_.Intern("Deployment");
      owner.name = pool_.Intern("subject");
    }
    return object;
  }
  void Show(report::Writer& writer, const std::string& target, const Stored& stored) const {
    std::vector<Condition> conditions;
    support::Tree tree;
    if (support::ParseJson(stored.status, tree).ok()) {
      // What the decoder of the cache does.
      const auto seen = report::FromBody(Object(target, stored), KindOf(target), tree);
      if (seen) {
        conditions.push_back({pool_.Intern("Evaluated"),
                              pool_.Intern(seen->conditions.evaluated.status),
                              {},
                              seen->conditions.evaluated.since});
        conditions.push_back({pool_.Intern("ProductionReady"),
                              pool_.Intern(seen->conditions.ready.status),
                              {},
                              seen->conditions.ready.since});
      }
    }
    writer.OnObserved(Shown(target, stored), conditions);
  }
  void Tell(const std::string& target) {
    if (watcher == nullptr) return;
    loop_.PostAfter(watch_delay, [this, target, stored = objects.at(target)] {
      if (watcher != nullptr) Show(*watcher, target, stored);
    });
  }
  void TellDeleted(const std::string& target, const Stored& gone) {
    if (watcher == nullptr) return;
    loop_.PostAfter(watch_delay, [this, target, gone] {
      if (watcher != nullptr) {
        const AuditObject object = Shown(target, gone);
        watcher->OnObservedDelete(object.kind, object.meta.namespace_, object.meta.name, object.meta.uid);
      }
    });
  }

  support::ManualLoop& loop_;
  support::ManualClock& clock_;
  TextPool& pool_;
  std::vector<Call> calls_;
  std::uint64_t version_ = 100, uids_ = 0;
};

}  // namespace seaworthy::sinks::testing
