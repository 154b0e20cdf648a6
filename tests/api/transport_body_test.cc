// The bodies and headers of answers: packed, too large, and what they say about time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <fstream>
#include <random>

#include "api/testing/transport_rig.h"

namespace seaworthy::api::testing {
namespace {

using Connection = HttpsServer::Connection;

constexpr char kPlain[] = "Content-Type: text/plain\r\n";

std::string Gzip(const std::string& text) {
  z_stream stream = {};
  deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string Noise(std::size_t size) {
  std::mt19937_64 engine(7);
  std::string text(size, ' ');
  for (char& c : text) c = static_cast<char>('a' + engine() % 26);
  return text;
}

// Sanitizers keep what is freed: there it says nothing, and 0 keeps the comparisons true.
std::size_t ResidentBytes() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return 0;
#endif
  std::ifstream file("/proc/self/statm");
  std::size_t total = 0, resident = 0;
  file >> total >> resident;
  return resident * 4096;
}

TEST(Transport, UnpacksGzip) {
  const TestCa ca;
  const std::string list = "{\"items\":[" + Noise(3 << 20) + "]}";
  const std::string packed = Gzip(list);
  HttpsServer server(ca.Issue(kLoopbackNames), [&](Connection& connection, const SeenRequest& request) {
    EXPECT_EQ(request.Header("accept-encoding"), "gzip");
    const std::string headers = "Content-Type: application/json\r\nContent-Encoding: gzip\r\n";
    if (request.target == "/length") return connection.Answer(200, headers, packed);
    connection.StartChunked(headers);
    const std::size_t end = request.target == "/cut" ? packed.size() / 2 : packed.size();
    for (std::size_t at = 0; at < end; at += 4000)
      connection.Chunk(packed.substr(at, std::min<std::size_t>(4000, end - at)));
    return connection.EndChunked();
  });
  Rig rig(server.url(), ca.pem());
  for (const char* target : {"/length", "/chunks"}) {
    const Result<HttpResponse> response = rig.Get(target);
    ASSERT_TRUE(response.ok()) << response.status().message();
    EXPECT_TRUE(response->body == list);
  }
  EXPECT_EQ(rig.Get("/cut").status().code(), Code::kUnavailable);
}

TEST(Transport, RefusesAnswersOverTheCapPackedOrNot) {
  const TestCa ca;
  const std::string packed = Gzip(std::string(40 << 20, 'x'));
  HttpsServer server(ca.Issue(kLoopbackNames), [&](Connection& connection, const SeenRequest& request) {
    if (request.target == "/bomb")
      return connection.Answer(200, "Content-Type: application/json\r\nContent-Encoding: gzip\r\n", packed);
    return connection.Answer(200, kPlain, std::string(3 << 20, 'x'));
  });
  TransportOptions options = ProductOptions();
  options.response_cap = 2 << 20;
  Rig rig(server.url(), ca.pem(), options);
  const std::size_t before = ResidentBytes();
  EXPECT_EQ(rig.Get("/large").status().code(), Code::kResourceExhausted);
  EXPECT_EQ(rig.Get("/bomb").status().code(), Code::kResourceExhausted);
  EXPECT_LT(ResidentBytes(), before + (24 << 20));
}

TEST(Transport, ReadsRetryAfterAndDate) {
  const TestCa ca;
  HttpsServer server(ca.Issue(kLoopbackNames), [](Connection& connection, const SeenRequest& request) {
    const std::string date = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: text/plain\r\n";
    if (request.target == "/date")
      return connection.Answer(503, date + "Retry-After: Sun, 06 Nov 1994 08:50:07 GMT\r\n", "");
    return connection.Answer(429, date + "Retry-After: 7\r\n", "slow down");
  });
  Rig rig(server.url(), ca.pem());
  const Result<HttpResponse> seconds = rig.Get("/seconds");
  ASSERT_TRUE(seconds.ok());
  EXPECT_EQ(seconds->head.status, 429);
  EXPECT_EQ(seconds->head.retry_after, std::chrono::seconds(7));
  ASSERT_TRUE(seconds->head.date.has_value());
  EXPECT_EQ(seconds->head.date->time_since_epoch(), std::chrono::seconds(784111777));
  EXPECT_EQ(rig.Get("/date")->head.retry_after, std::chrono::seconds(30));
}

}  // namespace
}  // namespace seaworthy::api::testing
