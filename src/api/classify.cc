#include "api/classify.h"

#include <algorithm>

#include "api/http_date.h"
#include "api/kubernetes_protobuf.h"

namespace seaworthy::api {
namespace {

// What all three sources are brought to.
struct Problem {
  int code = 0;
  bool event = false;  // came inside a stream
  std::string reason;  // metav1.StatusReason
  std::string message;
  bool version_too_large = false;
  std::optional<Duration> retry_after;
};

Problem ReadStatus(const support::Node& status) {
  Problem problem;
  problem.code = static_cast<int>(std::clamp<std::int64_t>(status["code"].Int().value_or(0), 0, 999));
  problem.reason = status["reason"].text();
  problem.message = status["message"].text();
  const support::Node& details = status["details"];
  for (const support::Node& cause : details["causes"]) {
    // metav1.CauseTypeResourceVersionTooLarge
    if (cause["reason"].text() == "ResourceVersionTooLarge") problem.version_too_large = true;
  }
  // Servers up to 1.18.5 send no cause (k/k #94316).
  if (problem.message.find("Too large resource version") != std::string::npos) problem.version_too_large = true;
  if (const std::optional<std::int64_t> seconds = details["retryAfterSeconds"].Int(); seconds && *seconds > 0) {
    problem.retry_after =
        std::min<Duration>(std::chrono::seconds(std::min<std::int64_t>(*seconds, 3600)), kRetryAfterCap);
  }
  return problem;
}

Verdict Classify(Problem problem) {
  Verdict verdict;
  verdict.retry_after = problem.retry_after;
  verdict.message = problem.message.substr(0, 256);
  const auto set = [&](Action action, std::string_view reason, bool suspicious) {
    verdict.action = action;
    verdict.reason = reason;
    verdict.suspicious = suspicious;
  };
  // Before the codes: it comes as 504, which alone would mean "go on where we were", and that loops for ever (k/k
  // #91073, #107133).
  if (problem.version_too_large) {
    set(Action::kRelistWithoutRv, "version_too_large", false);
  } else if (problem.code == 410 || problem.reason == "Expired" || problem.reason == "Gone") {
    set(Action::kRelist, "gone", false);
  } else if (problem.code == 401) {
    set(Action::kUnauthenticated, "unauthorized", false);
  } else if (problem.code == 403) {
    set(Action::kDenied, "forbidden", false);
  } else if (problem.code == 404) {
    set(Action::kRediscover, "not_found", false);
  } else if (problem.code == 400 || problem.code == 422) {
    set(Action::kUnsupported, "bad_request", true);
  } else if (problem.code == 406 || problem.code == 415) {
    set(Action::kBackoff, "bad_content_type", false);
  } else if (problem.code == 429) {
    set(Action::kBackoff, "throttled", false);
  } else if (problem.code >= 500) {
    // 500 as an event is the server failing on one object of the stream: it fails again at the same version, so it
    // counts.
    set(Action::kBackoff, "server_error", problem.event && problem.code == 500);
  } else {
    set(Action::kBackoff, "other", true);
  }
  return verdict;
}

bool StartsWith(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), text.begin(), [](char a, char b) {
           return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b - 'A' + 'a') : b);
         });
}

}  // namespace

bool IsJsonContentType(std::string_view content_type) {
  const std::string_view type = content_type.substr(0, content_type.find(';'));
  return StartsWith(type, "application/json") || (StartsWith(type, "application/") && type.ends_with("+json"));
}

Verdict ClassifyAnswer(const HttpHead& head, std::string_view body) {
  const bool protobuf = IsProtobufContentType(head.content_type);
  const bool readable = protobuf || IsJsonContentType(head.content_type);
  if (head.status >= 200 && head.status < 300) {
    if (readable) return {};
    return {Action::kBackoff, head.retry_after, "bad_content_type", false,
            "an answer of type \"" + head.content_type.substr(0, 64) + "\""};
  }
  Problem problem;
  if (readable && !body.empty()) {
    support::Tree tree;
    const Status parsed = protobuf ? ParseProtobufObject(body, tree) : support::ParseJson(body, tree);
    if (parsed.ok() && tree.root()["kind"].text() == "Status") problem = ReadStatus(tree.root());
  } else if (!readable && !body.empty() && !head.content_type.empty() && !StartsWith(head.content_type, "text/plain")) {
    // Some proxy's HTML. The API server itself answers in text/plain at times (404 of an unknown group, 429 of its
    // filters, 503 of the aggregator).
    return {Action::kBackoff, head.retry_after, "bad_content_type", false,
            "HTTP " + std::to_string(head.status) + " that is not the API server's"};
  } else if (!readable && head.status == 403 && !body.empty()) {
    // The API server's own refusals are Status objects, and a kind must not be frozen by a proxy's word.
    return {Action::kBackoff, head.retry_after, "bad_content_type", false, "HTTP 403 that is not the API server's"};
  }
  problem.code = head.status;
  if (head.retry_after)
    problem.retry_after = std::max(problem.retry_after.value_or(Duration::zero()), *head.retry_after);
  if (problem.message.empty()) problem.message = "HTTP " + std::to_string(head.status);
  return Classify(std::move(problem));
}

Verdict ClassifyErrorEvent(const support::Node& status) {
  Problem problem = ReadStatus(status);
  problem.event = true;
  return Classify(std::move(problem));
}

Verdict ClassifyTransportError(const Status& status) {
  Verdict verdict{Action::kBackoff, std::nullopt, "connection", false, status.message().substr(0, 256)};
  if (status.code() == Code::kUnauthenticated) {
    // No credential could be had at all (token file, exec plugin).
    verdict.action = Action::kUnauthenticated;
    verdict.reason = "no_credential";
  } else if (status.code() == Code::kResourceExhausted) {
    verdict.reason = "answer_too_large";
  } else if (status.code() == Code::kFailedPrecondition) {
    verdict.reason = "redirect";
  } else if (status.code() != Code::kUnavailable) {
    verdict.reason = "internal";
  }
  return verdict;
}

}  // namespace seaworthy::api
