#include "sinks/people/status_writer.h"

#include <algorithm>
#include <span>
#include <utility>

#include "sinks/audit_report/json.h"
#include "support/escape.h"
#include "support/json_writer.h"
#include "support/log.h"
#include "support/sip_hash.h"

namespace seaworthy::sinks::people {
namespace {

constexpr std::size_t kMaxMessageBytes = 2048;  // as the CRDs say
constexpr std::size_t kMaxOverridden = 200;
constexpr std::size_t kMaxCustom = 50;
constexpr Duration kFirstPause = std::chrono::seconds(5);
constexpr Duration kLongestPause = std::chrono::minutes(5);

}  // namespace

std::string RenderStatus(const Answer& answer) {
  std::string text;
  support::JsonWriter out(text);
  out.Open('{');
  if (!answer.errors.empty()) {
    out.List("customChecks", answer.errors.first(std::min(kMaxCustom, answer.errors.size())), [&](const auto& one) {
      out.Open('{');
      out.Member("errors", one.second);
      out.Member("id", one.first);
      out.Close('}');
    });
  }
  if (answer.ends.set()) out.Member("expires", audit_report::FormatTime(answer.ends));
  if (answer.matched >= 0) out.Member("matched", answer.matched);
  out.MemberIf("message", support::CutUtf8WithDots(answer.message, kMaxMessageBytes));
  if (answer.object->meta.generation != 0) out.Member("observedGeneration", answer.object->meta.generation);
  if (!answer.overridden.empty()) {
    out.List("overridden", answer.overridden.first(std::min(kMaxOverridden, answer.overridden.size())),
             [&](const std::string& one) { out.Text(one); });
  }
  out.Member("state", answer.state);
  out.Close('}');
  return text;
}

StatusWriter::StatusWriter(std::function<bool()> may_write,
                           std::function<std::string(Kind, std::string_view, std::string_view)> target,
                           Transport& transport, Executor& executor, const Clock& clock)
    : may_write_(std::move(may_write)),
      target_(std::move(target)),
      transport_(transport),
      executor_(executor),
      clock_(clock) {}

StatusWriter::~StatusWriter() { executor_.Cancel(timer_); }

void StatusWriter::Set(std::span<const Answer> answers) {
  waiting_.clear();
  for (const Answer& answer : answers) {
    const std::string status = RenderStatus(answer);
    support::SipHash hash;
    hash.Add(status);
    const support::Hash128 wanted = hash.Finish();
    if (answer.seen == StatusHash{wanted.high, wanted.low}) continue;
    const ObjectMeta& meta = answer.object->meta;
    const std::string path = target_(answer.object->kind, meta.namespace_, meta.name);
    if (path.empty()) continue;
    const KindInfo& info = Info(answer.object->kind);
    std::string body;
    support::JsonWriter out(body);
    out.Open('{');
    out.Member("apiVersion",
               std::string(info.group) + "/" + std::string(info.versions.substr(0, info.versions.find(','))));
    out.Member("kind", info.name);
    out.Object("metadata", [&] {
      out.Member("name", meta.name);
      out.MemberIf("namespace", meta.namespace_);
      // No answer to an object that has changed since, or was made anew. (A uid would not do: a subresource's strategy
      // ignores it.)
      out.Member("resourceVersion", std::to_string(meta.resource_version));
    });
    out.Key("status"), out.Raw(status);
    out.Close('}');
    waiting_.push_back({path + "/status?fieldManager=seaworthy&force=true", std::move(body)});
  }
  Send();
}

void StatusWriter::Send() {
  // What waits is another leader's to say by now.
  if (!may_write_()) waiting_.clear();
  if (in_flight_ || waiting_.empty()) return;
  if (const MonoTime now = clock_.Now(); now < not_before_) {
    executor_.Cancel(timer_);
    timer_ = executor_.PostAfter(not_before_ - now, [this] { Send(); });
    return;
  }
  HttpRequest request;
  request.method = Method::kPatch;
  request.target = std::move(waiting_.front().target);
  request.body = std::move(waiting_.front().body);
  request.content_type = "application/apply-patch+yaml";
  waiting_.pop_front();
  in_flight_ = true;
  transport_.Unary(std::move(request), [this, alive = std::weak_ptr(alive_)](const Result<HttpResponse>& result) {
    if (!alive.expired()) OnAnswer(result);
  });
}

void StatusWriter::OnAnswer(const Result<HttpResponse>& result) {
  in_flight_ = false;
  const int status = result.ok() ? result->head.status : 0;
  // 404 and 409: it is gone, or has changed; the watch says so in a moment, and then there is another answer.
  if (status == 200 || status == 201 || status == 404 || status == 409) {
    stats_.written += status < 300 ? 1 : 0;
    failures_ = 0;
  } else {
    ++stats_.failed;
    Duration pause = std::min<Duration>(kFirstPause * (1 << std::min(failures_, 6)), kLongestPause);
    if (result.ok() && result->head.retry_after) pause = std::max(pause, *result->head.retry_after);
    ++failures_;
    not_before_ = clock_.Now() + pause;
    support::log::Limited(support::log::Level::kWarning,
                          "the status of a policy, waiver or attestation cannot be written", "people",
                          {{"reason", result.ok() ? "HTTP " + std::to_string(status) : result.status().message()}});
  }
  Send();
}

}  // namespace seaworthy::sinks::people
