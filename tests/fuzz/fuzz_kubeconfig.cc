// Kubeconfig files, and the base64 in them. Nothing here runs a plugin or connects.
#include "api/kubeconfig.h"
#include "fuzz/fuzz.h"
#include "support/escape.h"

namespace seaworthy {
namespace {

struct StoppedClock final : Clock {
  MonoTime Now() const override { return MonoTime(std::chrono::hours(1)); }
  WallTime Wall() const override { return WallTime(std::chrono::hours(500'000)); }
};

std::string Encode(std::string_view bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k)
      bits = bits << 8 | (i + k < bytes.size() ? static_cast<std::uint8_t>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k) out += i + k <= bytes.size() ? kDigits[bits >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

}  // namespace
}  // namespace seaworthy

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace seaworthy;
  const std::string_view text = fuzz::Text(data, size);
  const Result<std::string> round = api::DecodeBase64(Encode(text));
  fuzz::Require(round.ok() && *round == text, "what is encoded is decoded");
  if (const Result<std::string> decoded = api::DecodeBase64(text); decoded.ok()) {
    fuzz::Require(decoded->size() <= size / 4 * 3, "three bytes of four characters");
  }
  const fuzz::MemoryFile file(text);
  const StoppedClock clock;
  api::KubeconfigOptions options;
  options.files = {file.path()};
  const Result<std::shared_ptr<api::CredentialSource>> source = api::MakeKubeconfigCredentials(&clock, options);
  if (!source.ok()) {
    fuzz::Require(source.status().message().find(file.path()) != std::string::npos, "an error names the file",
                  source.status().message());
    return 0;
  }
  const api::ServerAddress& server = (*source)->server();
  fuzz::Require(!server.host.empty() && server.host.find_first_of("/@ \r\n\t") == std::string::npos,
                "a host, and nothing else", server.host);
  fuzz::Require(server.tls_name.find_first_of("/@ \r\n\t") == std::string::npos, "a host name, and nothing else",
                server.tls_name);
  fuzz::Require(!(*source)->Describe().empty(), "it can be named");
  return 0;
}
