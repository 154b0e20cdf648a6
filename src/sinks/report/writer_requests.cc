// The writer's requests and what their answers mean (RELIABILITY.md 2.2, "Codes").
#include <algorithm>
#include <utility>

#include "sinks/report/writer.h"
#include "support/log.h"

namespace seaworthy::sinks::report {
namespace {

constexpr std::string_view kApply = "?fieldManager=seaworthy&force=true&fieldValidation=Strict";
constexpr Duration kMaxBackoff = std::chrono::minutes(5);
constexpr Duration kNamespaceMemory = std::chrono::minutes(5);

// The credential is not taken, or what stands before the API server says that it is away or overrun.
bool IsOutage(int status) { return status == 401 || status == 502 || status == 503 || status == 504; }

}  // namespace

std::string Writer::Body(Entry& entry) {
  const auto& [kind, namespace_, name] = *entry.key;
  ObjectHead head;
  head.kind = kind;
  head.namespace_ = namespace_;
  head.name = name;
  if (entry.observed) {
    head.uid = entry.observed->uid.ToString();
    head.resource_version = entry.observed->resource_version;
  }
  if (kind != options_.kind) return RenderObject(head, entry.status);
  const WorkloadReport report = source_.ReportOf(entry.subject);
  Rendered rendered = RenderWorkload(report, entry);
  entry.desired = rendered.hash;
  entry.conditions = rendered.conditions;
  head.owner_uid = report.uid.ToString();
  if (report.api_version.empty()) head.owner_uid.clear();
  head.owner_api_version = report.api_version;
  head.owner_kind = report.kind;
  head.owner_name = report.name;
  return RenderObject(head, rendered.status);
}

void Writer::Start(Entry& entry, Need need) {
  const auto& [kind, namespace_, name] = *entry.key;
  HttpRequest request;
  request.target = hooks_.target(kind, namespace_, name);
  if (request.target.empty()) {
    // A name that no URL can hold: nothing to be done before it changes.
    support::log::Limited(support::log::Level::kError, "audit object without a path", name,
                          {{"kind", Info(kind).name}, {"name", name}});
    entry.rejected = entry.desired;
    return;
  }
  request.deadline = options_.deadline;
  switch (need) {
    case Need::kNothing: return;
    case Need::kRead:
      request.method = Method::kGet;
      entry.asked = entry.observed ? entry.observed->resource_version : std::string();
      break;
    case Need::kDelete:
      request.method = Method::kDelete;
      request.content_type = "application/json";
      request.body = R"({"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"resourceVersion":")" +
                     entry.observed->resource_version + R"(","uid":")" + entry.observed->uid.ToString() + "\"}}";
      break;
    case Need::kWrite:
      request.method = Method::kPatch;
      request.content_type = "application/apply-patch+yaml";
      request.body = Body(entry);
      // Between the publication and now it may have become what is there.
      if (NeedOf(entry) != Need::kWrite) return Schedule(entry);
      request.target += kApply;
      entry.sent = entry.desired;
      if (entry.tampered) {
        ++stats_.tampered;
        entry.tampered = false;
        entry.last_restore = clock_.Now();
        support::log::Limited(support::log::Level::kWarning, "audit object was changed by somebody else",
                              Info(kind).name, {{"kind", Info(kind).name}, {"namespace", namespace_}, {"name", name}});
      }
      break;
  }
  Send(entry, need, std::move(request));
}

void Writer::Send(Entry& entry, Need need, HttpRequest request) {
  entry.in_flight = true;
  ++in_flight_;
  const std::weak_ptr<bool> alive = alive_;
  transport_.Unary(std::move(request),
                   [this, alive, executor = &executor_, target = &entry, need](Result<HttpResponse> result) {
                     executor->Post([this, alive, target, need, result = std::move(result)]() mutable {
                       if (!alive.expired()) OnAnswer(*target, need, std::move(result));
                     });
                   });
}

void Writer::OnAnswer(Entry& entry, Need need, Result<HttpResponse> result) {
  entry.in_flight = false;
  --in_flight_;
  const MonoTime now = clock_.Now();
  const bool write = need != Need::kRead;
  const Answer answer = Classify(result);
  // Nobody would be served now: all wait together, instead of each object finding out by itself.
  const bool outage = answer == Answer::kUnknown || (answer == Answer::kFailed && IsOutage(result->head.status));
  if (outage) {
    const Duration pause = Backoff(std::chrono::milliseconds(800), std::min(++outages_, 6), std::chrono::seconds(30));
    paused_until_ = std::max(paused_until_, now + pause);
  } else {
    outages_ = 0;
  }
  if (result.ok() && answer != Answer::kForbidden)
    forbidden_[static_cast<std::size_t>(std::get<Kind>(*entry.key))] = {};
  if (answer != Answer::kOk) {
    support::log::Limited(support::log::Level::kDebug, "audit object not written",
                          Info(std::get<Kind>(*entry.key)).name,
                          {{"namespace", std::get<1>(*entry.key)},
                           {"name", std::get<2>(*entry.key)},
                           {"method", MethodName(need == Need::kRead    ? Method::kGet
                                                 : need == Need::kWrite ? Method::kPatch
                                                                        : Method::kDelete)},
                           {"status", result.ok() ? result->head.status : 0}});
  }
  switch (answer) {
    case Answer::kOk: OnSuccess(entry, need, *result); break;
    case Answer::kConflict:
      if (write) Count(WriteResult::kConflict);
      entry.uncertain = true;
      // The watch brings it as a rule before the budget lets us ask.
      entry.not_before =
          now + Backoff(std::chrono::milliseconds(50), std::min(++entry.failures, 8), std::chrono::seconds(5));
      break;
    case Answer::kNotFound:
      if (write) Count(WriteResult::kNotFound);
      Unobserve(entry);
      entry.uncertain = false;
      // Neither the namespace nor the kind is there, when an apply is answered so.
      if (need == Need::kWrite)
        entry.not_before = now + Backoff(std::chrono::seconds(1), ++entry.failures, kMaxBackoff);
      break;
    case Answer::kRejected:
      if (write) Count(WriteResult::kRejected);
      if (need == Need::kWrite) {
        entry.rejected = entry.sent;
        support::log::Limited(
            support::log::Level::kError, "the API server rejects an audit object",
            Info(std::get<Kind>(*entry.key)).name,
            {{"namespace", std::get<1>(*entry.key)}, {"name", std::get<2>(*entry.key)}, {"answer", result->body}});
      } else {
        entry.not_before = now + Backoff(std::chrono::seconds(1), ++entry.failures, kMaxBackoff);
      }
      break;
    case Answer::kTooLarge:
      if (write) Count(WriteResult::kTooLarge);
      if (need == Need::kWrite && !entry.reduced && std::get<Kind>(*entry.key) == options_.kind) {
        entry.reduced = true;
        Want(entry, entry.subject, RenderWorkload(source_.ReportOf(entry.subject), entry), false);
      } else {
        entry.rejected = entry.sent;
      }
      break;
    case Answer::kTerminating:
      if (write) Count(WriteResult::kNamespaceTerminating);
      std::erase_if(terminating_, [now](const auto& one) { return one.second <= now; });
      terminating_[std::get<1>(*entry.key)] = now + kNamespaceMemory;
      break;
    case Answer::kForbidden: {
      if (write) Count(WriteResult::kForbidden);
      KindBlock& block = forbidden_[static_cast<std::size_t>(std::get<Kind>(*entry.key))];
      if (block.until > now) break;  // of the same moment as the one that was answered before
      block.until = now + Backoff(options_.spacing, ++block.failures, kMaxBackoff);
      // An API server that has just begun knows no roles yet.
      const auto level = block.failures < 3 ? support::log::Level::kWarning : support::log::Level::kError;
      support::log::Limited(level, "not allowed to write audit objects", Info(std::get<Kind>(*entry.key)).name,
                            {{"kind", Info(std::get<Kind>(*entry.key)).name}, {"answer", result->body}});
      break;
    }
    case Answer::kThrottled:
      if (write) Count(WriteResult::kThrottled);
      budget_.Throttled(now);
      Pause(result.ok() ? result->head.retry_after : std::nullopt);
      break;
    case Answer::kFailed:
      if (write) Count(WriteResult::kFailed);
      if (!outage) entry.not_before = now + Backoff(std::chrono::milliseconds(500), ++entry.failures, kMaxBackoff);
      if (result->head.retry_after) Pause(result->head.retry_after);
      // A 5xx may have come after the change was stored.
      if (write) entry.uncertain = true;
      break;
    case Answer::kUnknown:
      if (write) Count(WriteResult::kUnknown);
      if (write) entry.uncertain = true;
      break;
  }
  Schedule(entry);
  Forget(entry);
  OnLastAnswer();
  if (!ready_.empty()) Arm(now);
}

void Writer::OnSuccess(Entry& entry, Need need, const HttpResponse& response) {
  const MonoTime now = clock_.Now();
  if (need == Need::kDelete) {
    Count(WriteResult::kDeleted);
    Unobserve(entry);
    entry.failures = 0;
    return;
  }
  std::optional<Observation> seen = FromBody(response.body, std::get<Kind>(*entry.key), tree_);
  const bool created = !entry.observed;
  if (need == Need::kWrite) {
    Count(created ? WriteResult::kCreated : WriteResult::kUpdated);
    entry.not_before = now + options_.spacing;
    entry.dirty = false;
  }
  entry.uncertain = !seen;
  if (!seen) {
    entry.not_before = now + Backoff(std::chrono::seconds(1), ++entry.failures, kMaxBackoff);
    return;
  }
  if (need == Need::kWrite) entry.failures = 0;
  const support::Hash128 held = seen->hash;
  entry.deleted = {};
  Observe(entry, std::move(*seen), need == Need::kRead);
  entry.answered = true;
  if (need != Need::kWrite) return;
  if (held != entry.sent) {
    // The schema drops or changes something: sending it again would only do so again.
    entry.rejected = entry.sent;
    support::log::Limited(support::log::Level::kError,
                          "the API server stores an audit object otherwise than it was sent: is the CRD current?",
                          Info(std::get<Kind>(*entry.key)).name,
                          {{"namespace", std::get<1>(*entry.key)}, {"name", std::get<2>(*entry.key)}});
  }
}

Duration Writer::Backoff(Duration base, int failures, Duration cap) {
  Duration delay = base;
  for (int i = 1; i < failures && delay < cap; ++i) delay *= 2;
  delay = std::min(delay, cap);
  return delay + std::chrono::duration_cast<Duration>(std::chrono::duration<double>(delay) * 0.2 * rng_.Unit());
}

void Writer::Pause(std::optional<Duration> told) {
  const Duration wait = told.value_or(std::chrono::seconds(1));
  const MonoTime until = clock_.Now() + wait +
                         std::chrono::duration_cast<Duration>(std::chrono::duration<double>(wait) * 0.2 * rng_.Unit());
  paused_until_ = std::max(paused_until_, until);
}

}  // namespace seaworthy::sinks::report
