#include "api/wire_errors.h"

#include <system_error>
#include <utility>

namespace seaworthy::api {
namespace {

std::string Cause(int code) {
  // Asio's own "end of file" and "stream truncated".
  if (code == 1 || code == 2) return ": closed by the other side";
  if (code > 2 && code < 200) return ": " + std::generic_category().message(code);
  return {};
}

}  // namespace

WireResult DescribeFailure(std::string_view what, int code, std::string_view tls_reason) {
  if (what.starts_with("Error in SSL handshake")) {
    std::string message = "TLS handshake failed";
    if (!tls_reason.empty()) message.append(": ").append(tls_reason);
    return {WireEnd::kTls, std::move(message)};
  }
  const bool connecting = what.starts_with("Error resolving") || what.starts_with("Failed to resolve") ||
                          what.starts_with("Failed to connect");
  return {connecting ? WireEnd::kConnect : WireEnd::kBroken, std::string(what) + Cause(code)};
}

}  // namespace seaworthy::api
