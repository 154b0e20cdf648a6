#include "sinks/events/event_writer.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <utility>

#include "support/escape.h"
#include "support/json_writer.h"

namespace seaworthy::sinks::events {
namespace {

constexpr std::size_t kMaxNoteBytes = 1024;     // validation of events.k8s.io/v1 (pkg/apis/core/validation/events.go)
constexpr std::size_t kMaxInstanceBytes = 128;  // likewise
constexpr std::size_t kMaxNameBytes = 253;
constexpr std::size_t kNamed = 8;              // checks that a note tells one by one
constexpr std::size_t kMaxMessageBytes = 240;  // of each
constexpr double kPerSecond = 1;

// MicroTime: "2026-11-24T12:00:00.123456Z".
std::string MicroTime(WallTime time) {
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
  const std::time_t seconds = static_cast<std::time_t>(millis / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char day[32], text[48];
  std::strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text, sizeof text, "%s.%06dZ", day, static_cast<int>(millis % 1000) * 1000);
  return text;
}

std::string MessageOf(const WorkloadReport& report, const Check* check) {
  for (const Finding& finding : report.findings) {
    if (finding.check == check) return support::CutUtf8WithDots(finding.message, kMaxMessageBytes);
  }
  return {};
}

}  // namespace

std::string RenderEvent(const Regarding& regarding, const EventText& text, std::string_view instance, WallTime now) {
  std::string body;
  support::JsonWriter out(body);
  out.Open('{');
  out.Member("action", "Audit");
  out.Member("apiVersion", "events.k8s.io/v1");
  out.Member("eventTime", MicroTime(now));
  out.Member("kind", "Event");
  out.Object("metadata", [&] {
    out.Member("name", text.name);
    out.Member("namespace", regarding.namespace_);
  });
  out.Member("note", support::CutUtf8WithDots(text.note, kMaxNoteBytes));
  out.Member("reason", text.reason);
  out.Object("regarding", [&] {
    out.MemberIf("apiVersion", regarding.api_version);
    out.Member("kind", regarding.kind);
    out.Member("name", regarding.name);
    out.Member("namespace", regarding.namespace_);
    out.MemberIf("uid", regarding.uid);
  });
  out.Member("reportingController", "seaworthy.dev/operator");
  out.Member("reportingInstance", support::CutUtf8(instance.empty() ? "seaworthy" : instance, kMaxInstanceBytes));
  out.Member("type", text.warning ? "Warning" : "Normal");
  out.Close('}');
  return body;
}

EventWriter::EventWriter(std::function<bool()> may_write, std::function<std::string(std::string_view ns)> target,
                         std::string instance, Transport& transport, Executor& executor, const Clock& clock)
    : may_write_(std::move(may_write)),
      target_(std::move(target)),
      instance_(std::move(instance)),
      transport_(transport),
      executor_(executor),
      clock_(clock),
      refilled_(clock.Now()) {}

EventWriter::~EventWriter() { executor_.Cancel(timer_); }

EventWriter::Gathered& EventWriter::Of(const WorkloadReport& report) {
  Gathered& gathered = gathered_[report.subject];
  if (gathered.due == MonoTime{}) {
    gathered.regarding = {std::string(report.api_version), std::string(report.kind), std::string(report.namespace_),
                          std::string(report.name), report.uid.set() ? report.uid.ToString() : std::string()};
    gathered.due = clock_.Now() + kGather;
  }
  gathered.generation = report.generation;
  return gathered;
}

void EventWriter::Note(const WorkloadReport& report) {
  for (const Transition& transition :
       report.transitions.last(std::min(report.fresh_transitions, report.transitions.size()))) {
    if (transition.cause == Cause::kChecklist) continue;
    const bool worse = IsRegression(transition);
    const bool better = transition.from == Verdict::kFail;
    if (!worse && !better) continue;
    Gathered& gathered = Of(report);
    const std::string id(transition.check->id);
    // There and back within ten seconds is no news.
    if ((worse ? gathered.better : gathered.worse).erase(id) != 0) continue;
    (worse ? gathered.worse : gathered.better)[id] = {id, std::string(CauseName(transition.cause)),
                                                      transition.manager.str(), MessageOf(report, transition.check)};
  }
  Arm();
}

void EventWriter::NoteManualChange(const WorkloadReport& report, std::string_view manager) {
  Of(report).manual = manager;
  Arm();
}

void EventWriter::Arm() {
  if (timer_ != 0 || gathered_.empty()) return;
  MonoTime next = MonoTime::max();
  for (const auto& [subject, gathered] : gathered_) next = std::min(next, gathered.due);
  const MonoTime now = clock_.Now();
  // Without a token there is one in a second at most.
  Duration wait = std::max<Duration>(next - now, std::chrono::milliseconds(10));
  if (tokens_ < 1) wait = std::max<Duration>(wait, std::chrono::seconds(1));
  timer_ = executor_.PostAfter(wait, [this] {
    timer_ = 0;
    Flush();
  });
}

void EventWriter::Flush() {
  // What turned is another leader's to say by now.
  if (!may_write_()) gathered_.clear();
  const MonoTime now = clock_.Now();
  tokens_ = std::min<double>(kBurst, tokens_ + std::chrono::duration<double>(now - refilled_).count() * kPerSecond);
  refilled_ = now;
  const auto list = [](const std::map<std::string, Turned>& turned, bool tell) {
    std::string text;
    std::size_t count = 0;
    for (const auto& [id, one] : turned) {
      if (count++ == kNamed) {
        text += " and " + std::to_string(turned.size() - kNamed) + " more";
        break;
      }
      text += (text.empty() ? "" : tell ? "; " : ", ") + id + (tell && !one.message.empty() ? ": " + one.message : "");
    }
    return text;
  };
  for (auto at = gathered_.begin(); at != gathered_.end();) {
    Gathered& gathered = at->second;
    if (gathered.due > now) {
      ++at;
      continue;
    }
    const int wanted =
        (gathered.worse.empty() ? 0 : 1) + (gathered.better.empty() ? 0 : 1) + (gathered.manual.empty() ? 0 : 1);
    if (wanted != 0 && tokens_ < 1) {
      if (now - gathered.due < kLongestWait) {
        ++at;
        continue;
      }
      stats_.dropped += static_cast<std::uint64_t>(wanted);
      at = gathered_.erase(at);
      continue;
    }
    tokens_ -= wanted;
    const std::string what =
        gathered.generation != 0 ? " (generation " + std::to_string(gathered.generation) + ")" : "";
    if (!gathered.worse.empty()) {
      const Turned& first = gathered.worse.begin()->second;
      const std::string by = first.manager.empty() ? "" : ", last changed by " + first.manager;
      Send(gathered.regarding,
           {{}, true, "Regressed", list(gathered.worse, true) + ". Cause: " + first.cause + by + what});
    }
    if (!gathered.better.empty())
      Send(gathered.regarding, {{}, false, "Mended", "no longer failing: " + list(gathered.better, false) + what});
    if (!gathered.manual.empty()) {
      Send(gathered.regarding, {{},
                                false,
                                "ManualChange",
                                "the pod template was last changed by manager " + gathered.manual +
                                    "; a manager's name is chosen by the client"});
    }
    at = gathered_.erase(at);
  }
  Arm();
}

void EventWriter::Send(const Regarding& regarding, const EventText& text) {
  const WallTime now = clock_.Wall();
  EventText named = text;
  char suffix[40];
  std::snprintf(suffix, sizeof suffix, ".%llx%04llx", static_cast<unsigned long long>(now.time_since_epoch().count()),
                static_cast<unsigned long long>(++sequence_ & 0xffff));
  named.name = std::string(support::CutUtf8(regarding.name, kMaxNameBytes - sizeof suffix)) + suffix;
  HttpRequest request;
  request.method = Method::kPost;
  request.target = target_(regarding.namespace_);
  request.body = RenderEvent(regarding, named, instance_, now);
  request.content_type = "application/json";
  transport_.Unary(std::move(request), [this, alive = std::weak_ptr(alive_)](const Result<HttpResponse>& result) {
    if (alive.expired()) return;
    ++(result.ok() && result->head.status < 300 ? stats_.sent : stats_.failed);
  });
}

}  // namespace seaworthy::sinks::events
