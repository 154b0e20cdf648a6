#include "wiring/sources/image_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace seaworthy::wiring {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr std::int64_t kMiB = 1 << 20;

std::vector<std::string> Of(const std::string& command, std::int64_t bytes = 50 * kMiB) {
  const HistoryStep steps[] = {{command, bytes}};
  return Leftovers(steps);
}

TEST(ImageHistory, PackageListsThatAreKept) {
  EXPECT_THAT(Of("/bin/sh -c apt-get update && apt-get install -y curl ca-certificates"),
              ElementsAre("apt-get install -y curl ca-certificates: package lists are kept (/var/lib/apt/lists)"));
  EXPECT_THAT(Of("RUN /bin/sh -c apk add curl # buildkit"),
              ElementsAre("apk add curl: package indexes are kept (/var/cache/apk)"));
  EXPECT_THAT(Of("RUN /bin/sh -c dnf -y install httpd # buildkit"), ElementsAre(HasSubstr("/var/cache/dnf")));
  EXPECT_THAT(Of("|1 VERSION=1 /bin/sh -c pip install -r requirements.txt"),
              ElementsAre("pip install -r requirements.txt: pip's cache is kept (~/.cache/pip)"));
  EXPECT_THAT(Of("RUN /bin/sh -c npm ci --omit=dev"), ElementsAre(HasSubstr("npm's cache")));
}

// RUN --mount=type=cache,target=CACHE pip install ... stands in the history without its mount.
TEST(ImageHistory, BuildKitsHistoryDoesNotShowCacheMounts) {
  for (const char* command : {"RUN /bin/sh -c pip install -r requirements.txt # buildkit",
                              "RUN |1 NODE_ENV=production /bin/sh -c npm ci --omit=dev # buildkit",
                              "RUN /bin/sh -c yarn install --immutable # buildkit"}) {
    EXPECT_THAT(Of(command), IsEmpty()) << command;
  }
}

TEST(ImageHistory, WhatCleansUpBehindItselfIsFine) {
  for (const char* command : {
           "RUN /bin/sh -c apt-get update && apt-get install -y --no-install-recommends curl && rm -rf "
           "/var/lib/apt/lists/* # buildkit",
           "RUN /bin/sh -c set -eux; apt-get update; apt-get install -y curl; apt-get dist-clean",
           "RUN /bin/sh -c apk add --no-cache curl",
           "RUN /bin/sh -c dnf install -y httpd && dnf clean all",
           "RUN /bin/sh -c pip install --no-cache-dir -r requirements.txt",
           "RUN /bin/sh -c npm ci && npm cache clean --force",
           "RUN /bin/sh -c apt-get update",
           "RUN /bin/sh -c adduser app && chown app /srv/install",
           "CMD [\"apt-get\" \"install\"]",
           "COPY /out/app /app # buildkit",
           "ENTRYPOINT [\"/app\"]",
           "WORKDIR /app",
       }) {
    EXPECT_THAT(Of(command), IsEmpty()) << command;
  }
}

TEST(ImageHistory, AnEnvironmentVariableHoldsForLaterSteps) {
  const HistoryStep steps[] = {{"ENV PIP_NO_CACHE_DIR=1", -1}, {"RUN /bin/sh -c pip install flask", 30 * kMiB}};
  EXPECT_THAT(Leftovers(steps), IsEmpty());
  const HistoryStep classic[] = {{"/bin/sh -c #(nop)  ENV PIP_NO_CACHE_DIR=1", -1},
                                 {"/bin/sh -c pip install flask", 30 * kMiB}};
  EXPECT_THAT(Leftovers(classic), IsEmpty());
}

TEST(ImageHistory, CompilersAndRepositories) {
  EXPECT_THAT(Of("RUN /bin/sh -c apt-get update && apt-get install -y build-essential && rm -rf /var/lib/apt/lists/*"),
              ElementsAre("apt-get ... build-essential: a compiler is kept: build in an earlier stage"));
  EXPECT_THAT(Of("RUN /bin/sh -c apk add --no-cache openjdk21-jdk"), ElementsAre(HasSubstr("openjdk21-jdk")));
  EXPECT_THAT(Of("RUN /bin/sh -c apk add --no-cache --virtual .build gcc musl-dev && make install && apk del .build"),
              IsEmpty());
  EXPECT_THAT(
      Of("RUN /bin/sh -c apt-get install -y gcc && make && apt-get purge -y gcc && rm -rf /var/lib/apt/lists/*"),
      IsEmpty());
  EXPECT_THAT(Of("RUN /bin/sh -c apk add --no-cache openjdk21-jre gcc-libs libstdc++"), IsEmpty());
  EXPECT_THAT(Of("RUN /bin/sh -c apt-get install -y gcc-12-base && rm -rf /var/lib/apt/lists"), IsEmpty());
  EXPECT_THAT(Of("RUN /bin/sh -c go build -o /app ./cmd/app"), ElementsAre(HasSubstr("Go toolchain")));
  EXPECT_THAT(Of("RUN /bin/sh -c git clone https://example.com/x.git /src"), ElementsAre(HasSubstr(".git")));
  EXPECT_THAT(Of("RUN /bin/sh -c git clone --depth 1 https://example.com/x.git /src && rm -rf /src/.git"), IsEmpty());
  EXPECT_THAT(Of("COPY .git /src/.git # buildkit"), ElementsAre(HasSubstr("COPY .git")));
}

TEST(ImageHistory, SmallAndEmptyLayersAreNotLookedAt) {
  EXPECT_THAT(Of("RUN /bin/sh -c apk add tini", kMiB), IsEmpty());
  EXPECT_THAT(Of("RUN /bin/sh -c apk add tini", -1), IsEmpty());
  EXPECT_THAT(Of("RUN /bin/sh -c apk add tini", 0), Not(IsEmpty())) << "no size is known";
}

TEST(ImageHistory, NothingThatCouldBeACredentialIsQuoted) {
  for (const char* command : {"RUN /bin/sh -c pip install --index-url https://user:hunter2@pypi.example/simple flask",
                              "|1 TOKEN=hunter2 /bin/sh -c npm ci --//npm.example/:_authToken=hunter2",
                              "RUN /bin/sh -c TOKEN=hunter2 npm ci $TOKEN hunter2"}) {
    const std::vector<std::string> found = Of(command);
    ASSERT_EQ(found.size(), 1u) << command;
    EXPECT_THAT(found[0], Not(HasSubstr("hunter2")));
  }
}

TEST(ImageHistory, IsBounded) {
  std::vector<HistoryStep> steps;
  for (int i = 0; i < 1000; ++i) steps.push_back({"RUN /bin/sh -c apk add p" + std::to_string(i), 50 * kMiB});
  EXPECT_EQ(Leftovers(steps).size(), 8u);
  EXPECT_THAT(Of("RUN apk add " + std::string(100'000, 'x')), ElementsAre(::testing::SizeIs(::testing::Lt(200u))));
}

}  // namespace
}  // namespace seaworthy::wiring
