// The Transport over cpprestsdk 2.10.18, with what RELIABILITY.md section 0 found about that library neutralised.
// docs/adr/0001 says why it is this library; api/wire.h is what a successor has to provide.
//
// Owned by wiring. Unary may be called from any thread, Stream and Cancel on the executor. The executor must outlive
// the transport; the transport is destroyed on the executor, or after the executor stopped running.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "api/credentials.h"
#include "seaworthy/clock.h"
#include "seaworthy/transport.h"

namespace seaworthy::api {

// What became of one request; for the metrics that client-go's users know (rest_client_requests_total,
// _duration_seconds).
struct ExchangeRecord {
  Method method = Method::kGet;
  Channel channel = Channel::kUnary;
  int status = 0;     // 0: no answer
  Duration duration;  // to the head of the answer
};

// Read by the metrics at any time.
struct TransportCounters {
  std::atomic<std::int64_t> open_exchanges = 0;  // sockets in use; RELIABILITY.md 1.4 caps them at watched kinds + 12
  std::atomic<std::uint64_t> retried_gets = 0;
  std::atomic<std::uint64_t> unauthorized = 0;  // 401 answers
  std::atomic<std::uint64_t> deadlines = 0;     // ended by our own timers
  std::atomic<std::uint64_t> redirects = 0;     // 3xx answers, refused
};

struct TransportOptions {
  std::string user_agent = "seaworthy";
  // Of the library's process-wide pool, whichever transport comes first. One is the default because it makes the
  // library's socket handlers and our cancellations run one after another: with more, close() races with the TLS
  // layer's reads on the same socket, outside any lock (asio_connection::close against ssl::detail::io_op). Nothing of
  // ours blocks it, so 40 streams need no second one (tested).
  std::size_t pool_threads = 1;
  std::size_t response_cap = std::size_t{64} << 20;
  std::size_t stream_window = std::size_t{1} << 20;
  // Asked for on GETs that are no streams. The API server compresses from 128 KiB on.
  bool accept_gzip = true;
  // A 3xx is an answer and not an error: whoever asked decides, and asks anew, without this server's credential.
  bool hand_over_redirects = false;
  Duration connect_limit = std::chrono::seconds(5);  // name, TCP and TLS together
  // On the executor.
  std::function<void(const ExchangeRecord&)> on_exchange;
  std::shared_ptr<TransportCounters> counters;  // may be empty
};

std::unique_ptr<Transport> MakeTransport(TransportOptions options, std::shared_ptr<CredentialSource> credentials,
                                         Executor* executor, const Clock* clock);

}  // namespace seaworthy::api
