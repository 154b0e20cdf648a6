#include "support/gzip.h"

#include <gmock/gmock.h>

#include <random>
#include <string>

namespace seaworthy::support {
namespace {

TEST(Gzip, GivesBackWhatWasCompressed) {
  std::mt19937 random(1);
  for (const std::size_t size : {0U, 1U, 100U, 65'536U, 65'537U, 3'000'000U}) {
    std::string text, noise;
    for (std::size_t i = 0; i < size; ++i) {
      text += static_cast<char>('a' + i / 7 % 26);
      noise += static_cast<char>(random());
    }
    EXPECT_EQ(GzipDecompress(GzipCompress(text)), text) << size;
    EXPECT_EQ(GzipDecompress(GzipCompress(noise)), noise) << size;
    if (size > 1000) {
      EXPECT_LT(GzipCompress(text).size(), size / 10);
    }
  }
}

TEST(Gzip, CompressesPieceByPiece) {
  GzipStream stream;
  std::string out, whole;
  for (int i = 0; i < 1000; ++i) {
    const std::string piece = "seaworthy_workload_score{workload=\"w" + std::to_string(i) + "\"} 81\n";
    whole += piece;
    ASSERT_TRUE(stream.Add(piece, out));
  }
  ASSERT_TRUE(stream.Add("", out));
  GzipStream moved = std::move(stream);
  ASSERT_TRUE(moved.Finish(out));
  EXPECT_EQ(GzipDecompress(out), whole);
}

TEST(Gzip, RefusesDamagedAndOversizedData) {
  const std::string good = GzipCompress(std::string(100'000, 'x'));
  EXPECT_EQ(GzipDecompress(""), std::nullopt);
  EXPECT_EQ(GzipDecompress("not gzip at all"), std::nullopt);
  EXPECT_EQ(GzipDecompress(good.substr(0, good.size() - 1)), std::nullopt);
  EXPECT_EQ(GzipDecompress(good + "x"), std::nullopt);
  EXPECT_EQ(GzipDecompress(good, 99'999), std::nullopt);
  EXPECT_TRUE(GzipDecompress(good, 100'000).has_value());
  std::string damaged = good;
  damaged[damaged.size() - 6] = static_cast<char>(damaged[damaged.size() - 6] ^ 0x55);  // the checksum
  EXPECT_EQ(GzipDecompress(damaged), std::nullopt);
}

}  // namespace
}  // namespace seaworthy::support
