#include "checks/common/image_reference.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace seaworthy::checks {
namespace {

const std::string kDigest = "sha256:" + std::string(64, 'a');

TEST(ImageReference, ShortNamesAreDockerHubs) {
  const auto reference = ParseImageReference("nginx");
  ASSERT_TRUE(reference);
  EXPECT_EQ(reference->registry, "docker.io");
  EXPECT_EQ(reference->repository, "nginx");
  EXPECT_EQ(reference->tag, "");
  EXPECT_TRUE(reference->official);
  EXPECT_EQ(reference->Name(), "docker.io/library/nginx");
  EXPECT_EQ(reference->Canonical(), "docker.io/library/nginx:latest");
}

TEST(ImageReference, SpellingsOfOneImageHaveOneName) {
  for (const char* text : {"nginx:1.27", "docker.io/nginx:1.27", "docker.io/library/nginx:1.27",
                           "index.docker.io/library/nginx:1.27", "library/nginx:1.27"}) {
    const auto reference = ParseImageReference(text);
    ASSERT_TRUE(reference) << text;
    EXPECT_EQ(reference->Canonical(), "docker.io/library/nginx:1.27") << text;
  }
}

TEST(ImageReference, TheColonOfAPortIsNotATag) {
  const auto reference = ParseImageReference("registry.example:5000/team/web");
  ASSERT_TRUE(reference);
  EXPECT_EQ(reference->registry, "registry.example:5000");
  EXPECT_EQ(reference->repository, "team/web");
  EXPECT_EQ(reference->tag, "");
  EXPECT_EQ(ParseImageReference("registry.example:5000/team/web:1.4.2")->tag, "1.4.2");
}

TEST(ImageReference, WithoutDotOrPortTheFirstPartIsAPath) {
  EXPECT_EQ(ParseImageReference("team/web:1")->registry, "docker.io");
  EXPECT_EQ(ParseImageReference("team/web:1")->Name(), "docker.io/team/web");
  EXPECT_EQ(ParseImageReference("localhost/web:1")->registry, "localhost");
  EXPECT_EQ(ParseImageReference("REGISTRY/web:1")->registry, "REGISTRY");
  EXPECT_EQ(ParseImageReference("[2001:db8::1]:5000/web:1")->registry, "[2001:db8::1]:5000");
}

TEST(ImageReference, DigestAndTagStandTogether) {
  const std::string text = "registry.example/web:1.4.2@" + kDigest;
  const auto reference = ParseImageReference(text);
  ASSERT_TRUE(reference);
  EXPECT_EQ(reference->tag, "1.4.2");
  EXPECT_EQ(reference->digest, kDigest);
  EXPECT_EQ(reference->Canonical(), "registry.example/web@" + kDigest);
}

// Answers are remembered for a while: by content, and never as views into another's text.
TEST(ImageReference, AnotherTextAtTheSameAddressIsAnotherImage) {
  std::string text = "registry.example/team/web:1.4.2";
  for (int turn = 0; turn < 2; ++turn) {
    const auto reference = ParseImageReference(text);
    ASSERT_TRUE(reference);
    EXPECT_EQ(reference->tag, "1.4.2");
    EXPECT_EQ(reference->tag.data() + reference->tag.size(), text.data() + text.size());
  }
  text.back() = '7';
  EXPECT_EQ(ParseImageReference(text)->tag, "1.4.7");
  text.back() = ':';
  EXPECT_FALSE(ParseImageReference(text));
  std::string id = "registry.example/web@" + kDigest;
  EXPECT_EQ(DigestOfImageId(id).data(), id.data() + id.find("sha256"));
  EXPECT_EQ(DigestOfImageId(id).data(), id.data() + id.find("sha256"));
  id.back() = 'x';
  EXPECT_EQ(DigestOfImageId(id), "");
}

TEST(ImageReference, SeparatorsInPaths) {
  for (const char* good : {"a.b/c_d/e__f/g-h/i--j/k---l", "r.example/a1/b2", "0", "a/b"})
    EXPECT_TRUE(ParseImageReference(good)) << good;
  for (const char* bad : {"a..b", "a___b", "a._b", "-a", "a-", "a//b", "/a", "a/", ".a", "_a", "a/-b"})
    EXPECT_FALSE(ParseImageReference(bad)) << bad;
}

TEST(ImageReference, RefusesWhatRuntimesRefuse) {
  for (const std::string& bad :
       {std::string(), std::string("Nginx"), std::string("nginx:"), std::string("nginx:.1"), std::string("nginx:a b"),
        std::string("nginx@"), std::string("nginx@sha256:short"),
        "nginx@" + std::string("sha256:") + std::string(64, 'A'), "nginx@" + kDigest + "@" + kDigest,
        std::string("registry.example:port/web"), std::string("https://registry.example/web"), std::string(64, 'a'),
        std::string(256, 'a'), "nginx:" + std::string(129, 'a'), std::string("[::1/web"), std::string(" nginx"),
        std::string("nginx\n"), std::string("-registry.example/web")}) {
    EXPECT_FALSE(ParseImageReference(bad)) << bad;
  }
}

// Of the path, with the library that a short name is in; a registry's name has a limit of its own.
TEST(ImageReference, PathsAreLimitedRegistriesAreNot) {
  EXPECT_TRUE(ParseImageReference("registry.example/" + std::string(255, 'a')));
  EXPECT_FALSE(ParseImageReference("registry.example/" + std::string(256, 'a')));
  EXPECT_TRUE(ParseImageReference(std::string(247, 'a')));
  EXPECT_FALSE(ParseImageReference(std::string(248, 'a')));
}

TEST(ImageReference, DigestOfAnImageIdWhateverTheRuntime) {
  EXPECT_EQ(DigestOfImageId("docker-pullable://nginx@" + kDigest), kDigest);
  EXPECT_EQ(DigestOfImageId("docker.io/library/nginx@" + kDigest), kDigest);
  EXPECT_EQ(DigestOfImageId(kDigest), kDigest);
  EXPECT_EQ(DigestOfImageId("docker://" + kDigest), kDigest);
  EXPECT_EQ(DigestOfImageId("nginx:1.27"), "");
  EXPECT_EQ(DigestOfImageId(""), "");
}

// Whatever comes in, what is accepted is read alike when it is written out and read again.
TEST(ImageReference, CanonicalFormsAreFixpoints) {
  std::mt19937 random(7);
  const std::string alphabet = "ab0./:@-_[]ZA";
  int accepted = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string text;
    for (std::size_t n = random() % 12; n > 0; --n) text += alphabet[random() % alphabet.size()];
    if (random() % 4 == 0) text += "@" + kDigest;
    const auto reference = ParseImageReference(text);
    if (!reference) continue;
    ++accepted;
    const std::string canonical = reference->Canonical();
    const auto again = ParseImageReference(canonical);
    ASSERT_TRUE(again) << text << " -> " << canonical;
    EXPECT_EQ(again->Canonical(), canonical) << text;
  }
  EXPECT_GT(accepted, 1000);
}

}  // namespace
}  // namespace seaworthy::checks
