#include "sinks/http/response_writer.h"

#include <algorithm>
#include <boost/beast/http/status.hpp>
#include <cctype>
#include <cstdio>
#include <ctime>
#include <utility>

#include "support/trim.h"

namespace seaworthy::sinks::http {
namespace {

// Read per step, about a millisecond of work, and written per chunk.
constexpr std::size_t kStepBytes = 128 * 1024;
constexpr std::size_t kChunkBytes = 16 * 1024;
constexpr std::string_view kEndOfLine = "\r\n", kLastChunk = "0\r\n\r\n";

bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
  });
}

// "q=0", "q=0.000": not acceptable.
bool IsRefused(std::string_view parameters) {
  const std::size_t at = parameters.find("q=");
  if (at == std::string_view::npos) return false;
  const std::string_view value = support::Trim(parameters.substr(at + 2), support::kSpacesAndTabs);
  return !value.empty() && value.find_first_not_of("0.") == std::string_view::npos;
}

// A header that could end its line early would let content write headers.
bool IsSafeHeader(std::string_view name, std::string_view value) {
  const auto is_token = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_'; };
  const auto is_text = [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; };
  return !name.empty() && std::all_of(name.begin(), name.end(), is_token) &&
         std::all_of(value.begin(), value.end(), is_text);
}

void AppendHeader(std::string_view name, std::string_view value, std::string& out) {
  if (!IsSafeHeader(name, value)) return;
  out += name;
  out += ": ";
  out += value;
  out += "\r\n";
}

void SetChunkHead(std::size_t bytes, std::string& out) {
  char text[20];
  std::snprintf(text, sizeof text, "%zx\r\n", bytes);
  out = text;
}

std::string HttpDate() {
  constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t now = std::time(nullptr);
  std::tm time = {};
  gmtime_r(&now, &time);
  char text[64];
  std::snprintf(text, sizeof text, "%s, %02d %s %d %02d:%02d:%02d GMT", kDays[time.tm_wday], time.tm_mday,
                kMonths[time.tm_mon], time.tm_year + 1900, time.tm_hour, time.tm_min, time.tm_sec);
  return text;
}

}  // namespace

bool AcceptsGzip(std::string_view accept_encoding) {
  bool any = false;
  while (!accept_encoding.empty()) {
    const std::size_t comma = accept_encoding.find(',');
    const std::string_view entry = accept_encoding.substr(0, comma);
    accept_encoding = comma == std::string_view::npos ? std::string_view() : accept_encoding.substr(comma + 1);
    const std::size_t semicolon = entry.find(';');
    const std::string_view coding = support::Trim(entry.substr(0, semicolon), support::kSpacesAndTabs);
    const bool refused = semicolon != std::string_view::npos && IsRefused(entry.substr(semicolon + 1));
    // What names gzip itself decides over "*".
    if (EqualIgnoringCase(coding, "gzip") || EqualIgnoringCase(coding, "x-gzip")) return !refused;
    if (coding == "*") any = !refused;
  }
  return any;
}

ResponseWriter::ResponseWriter(Response response, const Traits& traits)
    : response_(std::move(response)), traits_(traits) {
  std::erase(response_.body, nullptr);
  kind_ = Choose();
  if (kind_ == Body::kToTheEnd) traits_.keep_alive = false;
  head_ = Head();
}

ResponseWriter::Body ResponseWriter::Choose() const {
  if (traits_.head || response_.status == 204 || response_.status == 304) return Body::kNone;
  const bool encoded = std::any_of(response_.headers.begin(), response_.headers.end(), [](const auto& header) {
    return EqualIgnoringCase(header.first, "content-encoding");
  });
  const bool open_ended = response_.more != nullptr;
  const Body plain = !open_ended ? Body::kPlain : traits_.http_1_1 ? Body::kChunked : Body::kToTheEnd;
  if (!traits_.gzip || encoded || (!open_ended && response_.size() <= traits_.gzip_min_bytes)) return plain;
  if (response_.gzip_body != nullptr) return Body::kGzipWhole;
  return traits_.http_1_1 ? Body::kGzipStream : plain;
}

std::string ResponseWriter::Head() const {
  const auto status = boost::beast::http::int_to_status(static_cast<unsigned>(response_.status));
  const auto reason = boost::beast::http::obsolete_reason(status);
  std::string head = "HTTP/1.1 " + std::to_string(response_.status) + " ";
  head.append(reason.data(), reason.size());
  head += "\r\n";
  AppendHeader("Date", HttpDate(), head);
  if (response_.status != 204 && response_.status != 304) {
    AppendHeader("Content-Type", response_.content_type, head);
    switch (kind_) {
      case Body::kNone:
      case Body::kPlain:
        if (response_.more == nullptr) AppendHeader("Content-Length", std::to_string(response_.size()), head);
        break;
      case Body::kToTheEnd: break;
      case Body::kChunked: AppendHeader("Transfer-Encoding", "chunked", head); break;
      case Body::kGzipWhole:
        AppendHeader("Content-Encoding", "gzip", head);
        AppendHeader("Content-Length", std::to_string(response_.gzip_body->size()), head);
        break;
      case Body::kGzipStream:
        AppendHeader("Content-Encoding", "gzip", head);
        AppendHeader("Transfer-Encoding", "chunked", head);
        break;
    }
    AppendHeader("Vary", "Accept-Encoding", head);
  }
  AppendHeader("X-Content-Type-Options", "nosniff", head);
  for (const auto& [name, value] : response_.headers) AppendHeader(name, value, head);
  AppendHeader("Connection", traits_.keep_alive ? "keep-alive" : "close", head);
  head += "\r\n";
  return head;
}

std::vector<std::string_view> ResponseWriter::Next() {
  std::vector<std::string_view> parts;
  if (!started_) {
    started_ = true;
    parts.push_back(head_);
    switch (kind_) {
      case Body::kNone: finished_ = true; break;
      case Body::kPlain:
        for (const auto& piece : response_.body) parts.push_back(*piece);
        finished_ = true;
        break;
      case Body::kGzipWhole:
        parts.push_back(*response_.gzip_body);
        finished_ = true;
        break;
      case Body::kGzipStream: gzip_.emplace(); break;
      case Body::kToTheEnd:
      case Body::kChunked: break;
    }
  }
  if (finished_) return parts;
  if (!gzip_) {
    std::string_view bytes;
    if (!Read(kStepBytes, bytes)) {
      finished_ = true;
      if (kind_ == Body::kChunked) parts.push_back(kLastChunk);
    } else if (kind_ == Body::kChunked) {
      SetChunkHead(bytes.size(), chunk_head_);
      parts.insert(parts.end(), {chunk_head_, bytes, kEndOfLine});
    } else {
      parts.push_back(bytes);
    }
    return parts;
  }
  chunk_.clear();
  if (!Compress()) {
    failed_ = true;
    finished_ = true;
    return {};
  }
  if (!chunk_.empty()) {
    SetChunkHead(chunk_.size(), chunk_head_);
    parts.insert(parts.end(), {chunk_head_, chunk_, kEndOfLine});
  }
  if (finished_) parts.push_back(kLastChunk);
  return parts;
}

bool ResponseWriter::Read(std::size_t most, std::string_view& bytes) {
  while (offset_ == current_.size()) {
    offset_ = 0;
    if (piece_ < response_.body.size()) {
      current_ = *response_.body[piece_++];
    } else if (response_.more != nullptr && response_.more(made_)) {
      current_ = made_;
    } else {
      current_ = {};
      return false;
    }
  }
  bytes = current_.substr(offset_, most);
  offset_ += bytes.size();
  return true;
}

// Until there is a chunk worth writing, or all is read.
bool ResponseWriter::Compress() {
  std::size_t read = 0;
  while (chunk_.size() < kChunkBytes && (read < kStepBytes || chunk_.empty())) {
    std::string_view step;
    if (!Read(kStepBytes, step)) {
      finished_ = true;
      return gzip_->Finish(chunk_);
    }
    if (!gzip_->Add(step, chunk_)) return false;
    read += step.size();
  }
  return true;
}

}  // namespace seaworthy::sinks::http
