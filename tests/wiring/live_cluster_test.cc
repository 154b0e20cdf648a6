#include "wiring/live_cluster.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <memory>
#include <string>

namespace seaworthy::wiring {
namespace {

// Regression: what was never built was stopped, and the process died before it could say why.
TEST(LiveCluster, SaysWhyItCannotConnect) {
  const std::string file = ::testing::TempDir() + "/kubeconfig-" + std::to_string(::getpid());
  for (const std::string& text :
       {std::string("clusters: [{name: a, cluster: {server: https://127.0.0.1:1\nusers: []\n"),
        std::string("current-context: nowhere\n"), std::string()}) {
    std::ofstream(file) << text;
    LiveCluster::Options options;
    options.kubeconfig = file;
    const Result<std::unique_ptr<LiveCluster>> connected = LiveCluster::Connect(options);
    ASSERT_FALSE(connected.ok()) << text;
    EXPECT_NE(connected.status().message().find(file), std::string::npos) << connected.status().message();
  }
  std::remove(file.c_str());
}

}  // namespace
}  // namespace seaworthy::wiring
