#include "api/crd_signal.h"

#include <utility>

#include "api/classify.h"
#include "api/url.h"
#include "api/watch_frame.h"
#include "support/json.h"

namespace seaworthy::api {
namespace {

constexpr std::string_view kPath = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
// Not permitted, or not there: nothing that a retry cures soon.
constexpr Duration kRefusedPause = std::chrono::minutes(10);
constexpr Duration kHeadDeadline = std::chrono::seconds(30);

}  // namespace

CrdSignal::CrdSignal(Transport* transport, Executor* executor, const Clock* clock, Rng* rng,
                     std::function<void()> changed)
    : transport_(transport), executor_(executor), clock_(clock), rng_(rng), changed_(std::move(changed)) {}

CrdSignal::~CrdSignal() { Stop(); }

void CrdSignal::Start() {
  started_ = true;
  FindVersion();
}

void CrdSignal::Stop() {
  started_ = false;
  executor_->Cancel(timer_);
  transport_->Cancel(std::exchange(stream_, 0));
}

void CrdSignal::Later(Duration delay) {
  executor_->Cancel(timer_);
  timer_ = executor_->PostAfter(delay, [this] { rv_.empty() ? FindVersion() : Watch(); });
}

void CrdSignal::FindVersion() {
  HttpRequest request{.target = std::string(kPath) + Query().AddInt("limit", 1).str(),
                      .accept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"};
  transport_->Unary(std::move(request), [this, alive = std::weak_ptr(alive_)](const Result<HttpResponse>& response) {
    if (alive.expired() || !started_) return;
    if (response.ok() && ClassifyAnswer(response->head, response->body).action == Action::kProceed) {
      support::Tree tree;
      if (support::ParseJson(response->body, tree).ok()) rv_ = tree.root()["metadata"]["resourceVersion"].text();
    }
    if (!rv_.empty()) {
      Watch();
    } else if (response.ok() && (response->head.status == 403 || response->head.status == 404)) {
      Later(kRefusedPause);
    } else {
      Later(backoff_.Next(clock_->Now(), *rng_));
    }
  });
}

void CrdSignal::Watch() {
  const Duration timeout = Between(std::chrono::seconds(240), std::chrono::seconds(480), *rng_);
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timeout).count();
  Query query;
  query.Add("watch", "1")
      .AddFlag("allowWatchBookmarks", true)
      .AddInt("timeoutSeconds", seconds)
      .Add("resourceVersion", rv_);
  splitter_.Finish();
  status_ = 0;
  stream_ = transport_->Stream({.target = std::string(kPath) + query.str(),
                                .accept = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
                                .channel = Channel::kWatch,
                                .deadline = kHeadDeadline,
                                .idle_limit = timeout + std::chrono::seconds(10)},
                               this);
}

void CrdSignal::OnHead(const HttpHead& head) { status_ = head.status; }

void CrdSignal::OnBytes(std::string_view bytes) {
  if (status_ != 200) return;
  bool changed = false;
  const auto on_line = [&](std::string_view line) {
    const FrameIdentity identity = PeekIdentity(line);
    // An error has no version of a CRD: look for the current one when the stream ends, which follows.
    if (identity.type == "ERROR") rv_.clear();
    if (!identity.resource_version.empty() && !rv_.empty()) rv_ = identity.resource_version;
    changed = changed || identity.type != "BOOKMARK";
    return true;
  };
  splitter_.Feed(bytes, {on_line, on_line});
  if (changed) changed_();
}

void CrdSignal::OnEnd(const Status& status) {
  stream_ = 0;
  if (status.ok() && status_ == 200 && !rv_.empty()) {
    // A second at least: the hint is not worth a loop.
    Later(Between(std::chrono::seconds(1), std::chrono::seconds(2), *rng_));
    return;
  }
  if (status_ != 0 && status_ != 200) rv_.clear();
  Later(backoff_.Next(clock_->Now(), *rng_));
}

}  // namespace seaworthy::api
