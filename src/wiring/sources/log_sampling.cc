#include "wiring/sources/log_sampling.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "api/classify.h"
#include "api/url.h"
#include "support/hex.h"
#include "wiring/sources/log_lines.h"

namespace seaworthy::wiring {
namespace {

using nlohmann::json;

std::string KeyOf(const LogSubject& subject) {
  return subject.ns + "/" + subject.kind + "/" + subject.name + "/" + std::to_string(subject.template_hash);
}

}  // namespace

struct LogSampling::Sample {
  LogSubject subject;
  std::size_t next = 0;  // container
  std::vector<LineCounts> counts;
};

LogSampling::LogSampling(Transport& transport, Executor& executor, const Clock& clock, const ObjectDecoder& decoder,
                         WatchSink& sink, Subjects subjects)
    : transport_(transport),
      executor_(executor),
      clock_(clock),
      decoder_(decoder),
      sink_(sink),
      subjects_(std::move(subjects)),
      state_("pods/log", {Kind::kLogSample}, clock, sink) {}

LogSampling::~LogSampling() { executor_.Cancel(timer_); }

void LogSampling::Start() {
  sink_.Accept({EventType::kInit, Kind::kLogSample, nullptr, {}});
  sink_.Accept({EventType::kInitDone, Kind::kLogSample, nullptr, {}});
  timer_ = executor_.PostAfter(kFirst, [this] { Look(); });
}

void LogSampling::Look() {
  subjects_([this, alive = std::weak_ptr(alive_)](std::vector<LogSubject> subjects) {
    if (alive.expired()) return;
    std::map<std::string, MonoTime> still;
    std::erase_if(denied_until_, [now = clock_.Now()](const auto& ns) { return ns.second <= now; });
    for (LogSubject& subject : subjects) {
      if (denied_until_.contains(subject.ns)) continue;
      const auto held = not_before_.find(KeyOf(subject));
      if (held == not_before_.end() || held->second <= clock_.Now()) {
        waiting_.push_back(std::move(subject));
      } else {
        still.insert(*held);
      }
    }
    not_before_ = std::move(still);
    Next();
  });
}

void LogSampling::Next() {
  if (waiting_.empty()) {
    timer_ = executor_.PostAfter(kLook, [this] { Look(); });
    return;
  }
  sample_ = std::make_unique<Sample>();
  sample_->subject = std::move(waiting_.front());
  waiting_.pop_front();
  AskContainer();
}

void LogSampling::AskContainer() {
  const LogSubject& subject = sample_->subject;
  if (sample_->next == subject.containers.size()) {
    Tell();
    return Next();
  }
  const KindInfo& info = Info(Kind::kPod);
  Result<std::string> path = api::ObjectPath(info, info.versions, subject.ns, subject.pod, "log");
  if (!path.ok()) return Next();
  api::Query query;
  query.Add("container", subject.containers[sample_->next]).AddInt("tailLines", kLines).AddInt("limitBytes", kMaxBytes);
  timer_ = executor_.PostAfter(kSpacing, [this, target = *path + query.str()] {
    transport_.Unary({.target = target, .accept = "*/*", .deadline = kDeadline},
                     [this, alive = std::weak_ptr(alive_)](const Result<HttpResponse>& answer) {
                       if (!alive.expired()) OnAnswer(answer);
                     });
  });
}

void LogSampling::OnAnswer(const Result<HttpResponse>& answer) {
  const LogSubject& subject = sample_->subject;
  const int status = answer.ok() ? answer->head.status : 0;
  if (status == 403) {
    // The permission may have been given for some namespaces only: the source as a whole is denied where none has
    // answered yet.
    denied_until_[subject.ns] = clock_.Now() + kDeniedAgain;
    std::erase_if(waiting_, [&](const LogSubject& other) { return other.ns == subject.ns; });
    if (!answered_) state_.Denied(api::ClassifyAnswer(answer->head, answer->body).message);
    return Next();
  }
  if (status != 200) {
    // The pod may have gone; a kubelet that does not answer is one node's trouble.
    if (status == 0 || status >= 500)
      state_.Failed(answer.ok() ? "HTTP " + std::to_string(status) : answer.status().message());
    not_before_[KeyOf(subject)] = clock_.Now() + kAgain / 6;
    return Next();
  }
  answered_ = true;
  if (state_.Answered()) sink_.Accept({EventType::kLive, Kind::kLogSample, nullptr, {}});
  const bool cut = answer->body.size() >= static_cast<std::size_t>(kMaxBytes);
  sample_->counts.push_back(CountLines(answer->body, cut));
  ++sample_->next;
  AskContainer();
}

void LogSampling::Tell() {
  const LogSubject& subject = sample_->subject;
  json object = json::object({{"revision", support::Hex(subject.template_hash)}});
  object["metadata"] = json::object({{"namespace", subject.ns}, {"name", subject.kind + "/" + subject.name}});
  object["containers"] = json::array();
  bool few = false;
  for (std::size_t i = 0; i < sample_->counts.size(); ++i) {
    const LineCounts& counts = sample_->counts[i];
    few |= counts.lines < kEnough;
    object["containers"].push_back(json::object({{"name", subject.containers[i]},
                                                 {"lines", std::to_string(counts.lines)},
                                                 {"structured", std::to_string(counts.structured)}}));
  }
  if (few) not_before_[KeyOf(subject)] = clock_.Now() + kAgain;
  if (!support::ParseJson(object.dump(-1, ' ', false, json::error_handler_t::replace), tree_).ok()) return;
  Result<ObjectPtr> decoded = decoder_.Decode(Kind::kLogSample, tree_.root());
  if (decoded.ok()) sink_.Accept({EventType::kApply, Kind::kLogSample, *std::move(decoded), {}});
}

}  // namespace seaworthy::wiring
