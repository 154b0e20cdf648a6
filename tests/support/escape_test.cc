#include "support/escape.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <random>
#include <string>

namespace seaworthy::support {
namespace {

std::string RandomBytes(std::mt19937& random) {
  static constexpr std::string_view kPieces[] = {"a",
                                                 "\\",
                                                 "\"",
                                                 "\n",
                                                 "\x01",
                                                 "\x7f",
                                                 "\xC2\x85",
                                                 "\xE2\x80\xA8",
                                                 "\xE2\x80\xAE",
                                                 "\xF0\x9F\x98\x80",
                                                 "\xED\xA0\x80",
                                                 "\xC0\x80",
                                                 "\xF4\x90\x80\x80",
                                                 "\xFF",
                                                 "\xE2\x80",
                                                 "\xC3",
                                                 "<",
                                                 "&",
                                                 "'"};
  std::string text;
  for (auto n = random() % 12; n != 0; --n) {
    if (random() % 4 == 0) text += static_cast<char>(random());
    text += kPieces[random() % std::size(kPieces)];
  }
  return text;
}

TEST(Utf8, DecodesAndEncodesEveryCharacter) {
  for (char32_t code = 0; code <= 0x10ffff; code += code < 0x3000 ? 1 : 61) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    std::string text;
    AppendUtf8(code, text);
    const Utf8Char decoded = DecodeUtf8(text);
    ASSERT_TRUE(decoded.valid) << static_cast<std::uint32_t>(code);
    ASSERT_EQ(static_cast<std::uint32_t>(decoded.code), static_cast<std::uint32_t>(code));
    ASSERT_EQ(decoded.size, text.size());
  }
}

TEST(Utf8, RefusesWhatIsNone) {
  for (std::string_view text :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80", "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80", "\xFF", "\xC3", "\xE2\x82", "\xC3(", "\xF0\x9F\x98"}) {
    EXPECT_FALSE(IsUtf8(text));
    EXPECT_FALSE(DecodeUtf8(text).valid);
    EXPECT_EQ(DecodeUtf8(text).size, 1);
  }
  EXPECT_TRUE(IsUtf8("na\xC3\xAFve \xF0\x9F\x98\x80"));
  EXPECT_TRUE(IsUtf8(""));
}

TEST(EscapePrometheusLabel, EscapesWhatTheFormatDemands) {
  EXPECT_EQ(EscapePrometheusLabel("plain-name_1.2/x"), "plain-name_1.2/x");
  EXPECT_EQ(EscapePrometheusLabel("a\\b\"c\nd\te"), "a\\\\b\\\"c\\nd\te");
  EXPECT_EQ(EscapePrometheusLabel("na\xC3\xAFve"), "na\xC3\xAFve");
  EXPECT_EQ(EscapePrometheusLabel("a\xFF"
                                  "b\xC3"),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD");
  EXPECT_EQ(EscapePrometheusLabel(""), "");
  std::mt19937 random(1);
  for (int i = 0; i < 5000; ++i) {
    const std::string escaped = EscapePrometheusLabel(RandomBytes(random));
    ASSERT_TRUE(IsUtf8(escaped));
    for (std::size_t at = 0; at < escaped.size(); ++at) {
      ASSERT_NE(escaped[at], '\n');
      ASSERT_NE(escaped[at], '"');
      if (escaped[at] != '\\') continue;
      ++at;
      ASSERT_LT(at, escaped.size());
    }
  }
}

TEST(EscapeJson, EscapesControlsOfAllKinds) {
  EXPECT_EQ(EscapeJson("a\"b\\c/d\n\r\t"), "a\\\"b\\\\c/d\\n\\r\\t");
  EXPECT_EQ(EscapeJson(std::string_view("\0\x1b[31m\x7f", 7)), "\\u0000\\u001b[31m\\u007f");
  EXPECT_EQ(EscapeJson("\xC2\x85|\xE2\x80\xA8|\xE2\x80\xA9|\xE2\x80\xAE|\xE2\x81\xA6|\xE2\x80\x8F|\xD8\x9C"),
            "\\u0085|\\u2028|\\u2029|\\u202e|\\u2066|\\u200f|\\u061c");
  EXPECT_EQ(EscapeJson("\xC3\xA9\xF0\x9F\x98\x80"), "\xC3\xA9\xF0\x9F\x98\x80");
  EXPECT_EQ(EscapeJson("\xFF"), "\xEF\xBF\xBD");
}

TEST(EscapeJson, IsAlwaysJson) {
  std::mt19937 random(2);
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = RandomBytes(random);
    const std::string json = "\"" + EscapeJson(text) + "\"";
    const nlohmann::json parsed = nlohmann::json::parse(json, nullptr, false);
    ASSERT_TRUE(parsed.is_string()) << json;
    if (IsUtf8(text)) {
      ASSERT_EQ(parsed.get<std::string>(), text);
    }
    ASSERT_EQ(StripTerminal(json), json);
  }
}

TEST(EscapeHtml, LeavesNoMarkup) {
  EXPECT_EQ(EscapeHtml("<a href=\"x\" b='y'>&`"), "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;&#96;");
  EXPECT_EQ(EscapeHtml("a\nb\tc\x01\xFF"
                       "\xE2\x80\xAE"),
            "a\nb\tc\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(StripTerminal, DropsControls) {
  EXPECT_EQ(StripTerminal("a\x1b[31mb\x07\r\nc\x7f\xC2\x9B"
                          "d\xE2\x80\xAE"),
            "a[31mbcd");
  EXPECT_EQ(StripTerminal("a\nb\tc\r", true), "a\nb\tc");
  EXPECT_EQ(StripTerminal("x\xFFy"), "x\xEF\xBF\xBDy");
}

TEST(CutUtf8, NeverSplitsACharacter) {
  EXPECT_EQ(CutUtf8("abc", 3), "abc");
  EXPECT_EQ(CutUtf8("abcd", 3), "abc");
  EXPECT_EQ(CutUtf8("a\xF0\x9F\x98\x80", 4), "a");
  EXPECT_EQ(CutUtf8("a\xF0\x9F\x98\x80", 5), "a\xF0\x9F\x98\x80");
  EXPECT_EQ(CutUtf8("\xC3\xA9\xC3\xA9", 3), "\xC3\xA9");
  EXPECT_EQ(CutUtf8("\xC3\xA9", 1), "");
  EXPECT_EQ(CutUtf8("\x80\x80\x80\x80\x80\x80", 5).size(), 5U);
  EXPECT_EQ(CutUtf8("abc", 0), "");
  EXPECT_EQ(CutUtf8WithDots("abcdefgh", 6), "abc...");
  EXPECT_EQ(CutUtf8WithDots("abcdef", 6), "abcdef");
  EXPECT_EQ(CutUtf8WithDots("abcdef", 2), "ab");
  std::mt19937 random(3);
  for (int i = 0; i < 5000; ++i) {
    std::string text = RandomBytes(random);
    for (std::size_t size = 0; size <= text.size(); ++size) {
      const std::string_view cut = CutUtf8(text, size);
      ASSERT_LE(cut.size(), size);
      if (IsUtf8(text)) {
        ASSERT_TRUE(IsUtf8(cut));
      }
    }
  }
}

}  // namespace
}  // namespace seaworthy::support
