#include "wiring/sources/pod_metrics.h"

#include <algorithm>
#include <utility>

#include "api/classify.h"
#include "api/url.h"

namespace seaworthy::wiring {

PodMetrics::PodMetrics(Transport& transport, Executor& executor, const Clock& clock, const ObjectDecoder& decoder,
                       WatchSink& sink, Namespaces namespaces)
    : transport_(transport),
      executor_(executor),
      clock_(clock),
      decoder_(decoder),
      sink_(sink),
      namespaces_(std::move(namespaces)),
      state_("metrics.k8s.io", {Kind::kPodMetrics}, clock, sink) {}

PodMetrics::~PodMetrics() { executor_.Cancel(timer_); }

void PodMetrics::Start() { Again(kFirst); }

void PodMetrics::Again(Duration after) {
  executor_.Cancel(timer_);
  timer_ = executor_.PostAfter(std::max<Duration>(after, std::chrono::seconds(1)), [this] { Poll(); });
}

void PodMetrics::Poll() {
  begun_ = clock_.Now();
  answered_ = false;
  failures_ = 0;
  namespaces_([this, alive = std::weak_ptr(alive_)](std::vector<std::string> namespaces) {
    if (alive.expired()) return;
    left_ = std::move(namespaces);
    if (left_.empty()) left_.emplace_back();
    Ask();
  });
}

void PodMetrics::Ask() {
  const KindInfo& info = Info(Kind::kPodMetrics);
  const Result<std::string> path = api::CollectionPath(info, info.versions, left_.back());
  if (!path.ok()) return Next();
  transport_.Unary({.target = *path, .deadline = kDeadline},
                   [this, alive = std::weak_ptr(alive_)](const Result<HttpResponse>& answer) {
                     if (!alive.expired()) OnAnswer(answer);
                   });
}

void PodMetrics::OnAnswer(const Result<HttpResponse>& answer) {
  const api::Verdict verdict =
      answer.ok() ? api::ClassifyAnswer(answer->head, answer->body) : api::ClassifyTransportError(answer.status());
  switch (verdict.action) {
    case api::Action::kProceed: break;
    case api::Action::kDenied: state_.Denied(verdict.message); return Again(kEveryWhenAbsent);
    case api::Action::kRediscover:
      // Of a namespace that has just gone the server has an empty list, not this.
      state_.Absent(verdict.message);
      return Again(kEveryWhenAbsent);
    default:
      failure_ = verdict.message;
      if (++failures_ >= kFailuresOfARound) left_.resize(1);
      return Next();
  }
  if (!answered_) Deliver(EventType::kInit);
  const Status parsed = support::ParseJsonList(
      answer->body, head_, item_,
      [this](const support::Node& item) {
        // A pod that cannot be read is one without samples.
        if (Result<ObjectPtr> object = decoder_.Decode(Kind::kPodMetrics, item); object.ok())
          Deliver(EventType::kInitApply, *std::move(object));
      },
      [](const std::string&) {});
  if (parsed.ok()) {
    answered_ = true;
  } else {
    failure_ = parsed.message();
  }
  Next();
}

void PodMetrics::Next() {
  left_.pop_back();
  if (!left_.empty()) return Ask();
  if (answered_) {
    state_.Answered();
    Deliver(EventType::kInitDone);
  } else {
    state_.Failed(failure_);
  }
  Again(kEvery - (clock_.Now() - begun_));
}

void PodMetrics::Deliver(EventType type, ObjectPtr object) {
  sink_.Accept({type, Kind::kPodMetrics, std::move(object), {}});
}

}  // namespace seaworthy::wiring
