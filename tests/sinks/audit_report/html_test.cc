// The page: what it consists of. How it behaves in a browser is tested by tests/e2e/page/page_test.py.
#include "sinks/audit_report/html.h"

#include <openssl/evp.h>

#include <array>

#include "sinks/audit_report/format_rig.h"

namespace seaworthy::sinks::audit_report {
namespace {

using nlohmann::json;
using testing::Found;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Between(const std::string& text, std::string_view begin, std::string_view end) {
  const std::size_t from = text.find(begin);
  if (from == std::string::npos) return {};
  const std::size_t start = from + begin.size();
  return text.substr(start, text.find(end, start) - start);
}

std::string Sha256Base64(std::string_view text) {
  std::array<unsigned char, 32> digest{};
  EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  std::array<unsigned char, 64> base64{};
  const int size = EVP_EncodeBlock(base64.data(), digest.data(), 32);
  return {base64.begin(), base64.begin() + size};
}

class HtmlTest : public FormatTest {
 protected:
  std::string Html() const { return Written(WriteHtml); }
  json Data() const {
    const json data =
        json::parse(Between(Html(), "<script type=\"application/json\" id=\"data\">", "</script>"), nullptr, false);
    EXPECT_TRUE(data.is_object());
    return data;
  }
};

TEST_F(HtmlTest, ItsPolicyAllowsItsOwnScriptAndStyleAndNothingElse) {
  const std::string html = Html();
  const std::string policy = Between(html, "Content-Security-Policy\" content=\"", "\"");
  EXPECT_EQ(policy, PagePolicy());
  EXPECT_THAT(policy, HasSubstr("default-src 'none'"));
  EXPECT_THAT(policy, HasSubstr("script-src 'sha256-" + Sha256Base64(Between(html, "<script>", "</script>")) + "'"));
  EXPECT_THAT(policy, HasSubstr("style-src 'sha256-" + Sha256Base64(Between(html, "<style>", "</style>")) + "'"));
  EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
}

TEST_F(HtmlTest, NoPlaceholderIsLeft) {
  for (const char* name : {"%CSP%", "%TITLE%", "%STYLE%", "%DATA%", "%SCRIPT%"})
    EXPECT_THAT(Html(), Not(HasSubstr(name)));
}

TEST_F(HtmlTest, AsksForNothingOutside) {
  const std::string html = Html();
  for (const char* sign : {"http://", "https://", "src=", "url(", "@import", "<link"})
    EXPECT_THAT(html, Not(HasSubstr(sign)));
}

TEST_F(HtmlTest, HoldsTheReport) {
  const json data = Data();
  EXPECT_EQ(data["cluster"]["score"], 81);
  const json& strings = data["strings"];
  const json& web = data["rows"][0];
  EXPECT_EQ(strings[web[3].get<std::size_t>()], "web");
  EXPECT_EQ(web[6], 71);
  EXPECT_EQ(web[7], "C");
  EXPECT_EQ(web[10], 0);  // web.yaml
  EXPECT_EQ(web[11], 12);
  const json& probe = web[12][0];
  EXPECT_EQ(data["checks"][probe[0].get<std::size_t>()][0], "readiness-probe");
  EXPECT_EQ(probe[5], 42);
  EXPECT_EQ(strings[probe[6].get<std::size_t>()], R"({"spec":{"x":1}})");
  EXPECT_EQ(web[13].size(), 4U) << "two unknowns, each with its reason";
}

TEST_F(HtmlTest, NothingInItEndsTheScript) {
  source_.workloads[0].name = kMarkup;
  Probe().message = kMarkup;
  options_.files[0] = kMarkup;
  options_.errors = {{std::string(kMarkup), 1, std::string(kMarkup)}};
  options_.generated_by = kMarkup;
  const std::string html = Html();
  const std::string data = Between(html, "id=\"data\">", "</script>");
  for (const char c : {'<', '>', '&'}) EXPECT_EQ(data.find(c), std::string::npos);
  EXPECT_EQ(Data()["strings"][Data()["rows"][0][3].get<std::size_t>()], kMarkup);
  EXPECT_THAT(html, Not(HasSubstr("<img")));
}

TEST_F(HtmlTest, IsJsonWhateverNamesHold) {
  source_.workloads[0].name = kControls;
  Probe().message = kControls;
  EXPECT_EQ(Data()["rows"].size(), 7U);
}

TEST_F(HtmlTest, GoesOutInPieces) {
  source_.workloads.clear();
  const std::string message(2000, 'x');
  for (std::uint32_t i = 0; i < 500; ++i)
    source_.workloads.push_back(testing::Workload(i + 100, "shop", "Deployment", "w",
                                                  {Found(testing::kReadinessProbe, Verdict::kFail, message)}, 1));
  std::size_t largest = 0, total = 0;
  WriteHtml(source_, options_, [&](std::string_view piece) {
    largest = std::max(largest, piece.size());
    total += piece.size();
  });
  EXPECT_LT(largest, 200'000U);
  EXPECT_LT(total, 200'000U) << "the same message stands in it once";
}

}  // namespace
}  // namespace seaworthy::sinks::audit_report
