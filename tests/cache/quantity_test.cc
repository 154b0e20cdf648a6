#include "cache/quantity.h"

#include <gtest/gtest.h>

#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace seaworthy::cache {
namespace {

struct Row {
  std::string_view text;
  std::optional<std::int64_t> value, milli;
};

constexpr std::int64_t kMaxInt = std::numeric_limits<std::int64_t>::max();

// The rows of apimachinery's TestQuantityParse, with Value() and MilliValue() of what it expects.
const Row kUpstream[] = {
    {"0", 0, 0},
    {"0n", 0, 0},
    {"0u", 0, 0},
    {"0m", 0, 0},
    {"0Ki", 0, 0},
    {"0k", 0, 0},
    {"0Ti", 0, 0},
    {"0T", 0, 0},
    {"1", 1, 1000},
    {"1Ki", 1024, 1024'000},
    {"8Ki", 8192, 8192'000},
    {"7Mi", 7 << 20, (std::int64_t{7} << 20) * 1000},
    {"6Gi", std::int64_t{6} << 30, (std::int64_t{6} << 30) * 1000},
    {"5Ti", std::int64_t{5} << 40, (std::int64_t{5} << 40) * 1000},
    {"4Pi", std::int64_t{4} << 50, (std::int64_t{4} << 50) * 1000},
    {"3Ei", std::int64_t{3} << 60, std::nullopt},
    {"5n", 1, 1},
    {"4u", 1, 1},
    {"3m", 1, 3},
    {"9", 9, 9000},
    {"8k", 8000, 8'000'000},
    {"50k", 50'000, 50'000'000},
    {"7M", 7'000'000, 7'000'000'000},
    {"6G", 6'000'000'000, 6'000'000'000'000},
    {"2P", 2'000'000'000'000'000, 2'000'000'000'000'000'000},
    {"1E", 1'000'000'000'000'000'000, std::nullopt},
    {"1E-3", 1, 1},
    {"1e3", 1000, 1'000'000},
    {"1E6", 1'000'000, 1'000'000'000},
    {"1e14", 100'000'000'000'000, 100'000'000'000'000'000},
    {"1E18", 1'000'000'000'000'000'000, std::nullopt},
    {"100.035k", 100'035, 100'035'000},
    {"0.001", 1, 1},
    {"0.0005k", 1, 500},
    {"0.005", 1, 5},
    {"0.05", 1, 50},
    {"0.5", 1, 500},
    {"0.00050k", 1, 500},
    {"0.05000", 1, 50},
    {"0.5e0", 1, 500},
    {"0.5e-1", 1, 50},
    {"0.5e-2", 1, 5},
    {"10.035M", 10'035'000, 10'035'000'000},
    {"1.2e3", 1200, 1'200'000},
    {"1.3E+6", 1'300'000, 1'300'000'000},
    {"1.53E12", 1'530'000'000'000, 1'530'000'000'000'000},
    {"9.01", 10, 9010},
    {"8.1k", 8100, 8'100'000},
    {"7.123456M", 7'123'456, 7'123'456'000},
    {"6.987654321G", 6'987'654'321, 6'987'654'321'000},
    {"3.001n", 1, 1},
    {"1.1E-9", 1, 1},
    {"0.0000000001", 1, 1},
    {"0.9n", 1, 1},
    {"0.00000012345", 1, 1},
    {"100.035Ki", 102'436, 102'435'840},
    {"0.5Mi", 524'288, 524'288'000},
    {"0.05Gi", 53'687'092, 53'687'091'200},
    {"0.025Ti", 27'487'790'695, 27'487'790'694'400},
    {"0.000000000001Ki", 1, 1},
    {".001", 1, 1},
    {".0001k", 1, 100},
    {"1.", 1, 1000},
    {"1.G", 1'000'000'000, 1'000'000'000'000},
};

std::optional<std::int64_t> Negated(std::optional<std::int64_t> value) {
  return value ? std::optional<std::int64_t>(-*value) : std::nullopt;
}

TEST(Quantity, ReadsWhatUpstreamReads) {
  for (const Row& row : kUpstream) {
    const std::string text(row.text);
    EXPECT_EQ(QuantityValue(text), row.value) << text;
    EXPECT_EQ(QuantityMilliValue(text), row.milli) << text;
    EXPECT_EQ(QuantityValue("+" + text), row.value) << text;
    EXPECT_EQ(QuantityValue("-" + text), Negated(row.value)) << text;
    EXPECT_EQ(QuantityMilliValue("-" + text), Negated(row.milli)) << text;
  }
}

TEST(Quantity, ReadsTheExamplesOfTheDocumentation) {
  // kubernetes.io "Resource units in Kubernetes": all of these are about the same amount of memory.
  EXPECT_EQ(QuantityValue("128974848"), 128'974'848);
  EXPECT_EQ(QuantityValue("129e6"), 129'000'000);
  EXPECT_EQ(QuantityValue("129M"), 129'000'000);
  EXPECT_EQ(QuantityValue("128974848000m"), 128'974'848);
  EXPECT_EQ(QuantityValue("123Mi"), 128'974'848);
  EXPECT_EQ(QuantityMilliValue("0.1"), 100);
  EXPECT_EQ(QuantityMilliValue("100m"), 100);
  EXPECT_EQ(QuantityValue("400m"), 1);  // the well-known slip for 400Mi
}

TEST(Quantity, RefusesWhatUpstreamRefuses) {
  for (std::string_view text : {"",    "1.1.M", "1+1.0M", "0.1mi", "0.1am", "aoeu", ".5i", "1i",   "-3.01i", "-3.01e-",
                                " 1",  "1 ",    "1e",     "1Ee3",  "1e1.5", "-",    "+",   ".",    "-.",     "1KiB",
                                "1MB", "1mm",   "0x10",   "1,5",   "NaN",   "Inf",  "1e+", "1 Gi", "٣"}) {
    EXPECT_EQ(QuantityValue(text), std::nullopt) << text;
    EXPECT_EQ(QuantityMilliValue(text), std::nullopt) << text;
  }
}

TEST(Quantity, RefusesWhatDoesNotFit) {
  for (std::string_view text : {"9Ei", "8Ei", "12E", "1e999", "1e99999999999999999999", "9223372036854775808",
                                "9223372036854775807Ki", "99999999999999999999999999999999999999999999999999"}) {
    EXPECT_EQ(QuantityValue(text), std::nullopt) << text;
  }
  EXPECT_EQ(QuantityValue("9223372036854775807"), kMaxInt);
  EXPECT_EQ(QuantityValue("9223372036854775806.5"), kMaxInt);
  EXPECT_EQ(QuantityValue("9223372036854775807.5"), std::nullopt);
  EXPECT_EQ(QuantityMilliValue("9223372036854775807"), std::nullopt);
  EXPECT_EQ(QuantityMilliValue("9223372036854775807m"), kMaxInt);
  EXPECT_EQ(QuantityValue("7.9Ei"), 9'108'079'886'394'091'111);
  // All places count: at 2^60 the seventeenth is worth twelve.
  EXPECT_EQ(QuantityValue(".0001777777777777777777Ei"), 204'963'823'041'218);
  EXPECT_EQ(QuantityMilliValue(".0001777777777777777777Ei"), 204'963'823'041'217'241);
  EXPECT_EQ(QuantityValue("0.000000000000000001Ei"), 2);
  EXPECT_EQ(QuantityValue("1.000000000000000000000001Ki"), 1025);
}

TEST(Quantity, ReadsLongAndTinyNumbers) {
  EXPECT_EQ(QuantityValue("0e999"), 0);
  EXPECT_EQ(QuantityValue("1e-999"), 1);
  EXPECT_EQ(QuantityValue("1e-99999999999999999999"), 1);
  EXPECT_EQ(QuantityValue(std::string(100'000, '0') + "7"), 7);
  EXPECT_EQ(QuantityValue("7." + std::string(100'000, '0')), 7);
  EXPECT_EQ(QuantityValue("7." + std::string(100'000, '0') + "1"), 8);
  EXPECT_EQ(QuantityValue("0." + std::string(30, '0') + "25e31"), 3);
  EXPECT_EQ(QuantityValue("25" + std::string(30, '0') + "e-31"), 3);
  EXPECT_EQ(QuantityValue("1Gi"), 1 << 30);
  EXPECT_EQ(QuantityValue("1.0000000000000000000000000001Gi"), (1 << 30) + 1);
}

}  // namespace
}  // namespace seaworthy::cache
