// Runs the built binary on inputs that a test makes: what it prints, how it ends, what memory it took.
#pragma once

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "testing/patience.h"

namespace seaworthy::wiring::testing {

struct Ended {
  int code = -1;  // -1: by a signal
  std::string out, err;
  long peak_kib = 0;
  long peak_before_kib = 0;  // Linux counts what the process was before it ran the binary: a copy of this test
  nlohmann::json Json() const {
    nlohmann::json report = nlohmann::json::parse(out, nullptr, false);
    EXPECT_TRUE(report.is_object()) << out << err;
    return report;
  }
};

class ScanTest : public ::testing::Test {
 protected:
  ScanTest() {
    std::string name = (std::filesystem::temp_directory_path() / "seaworthy-scan-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~ScanTest() override { std::filesystem::remove_all(folder_); }

  // Path of the file, below the test's folder.
  std::string Write(const std::string& name, std::string_view text) {
    const std::filesystem::path path = std::filesystem::path(folder_) / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
  }
  static std::string Read(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  // `seaworthy scan` in the test's folder, so that file names are as short as they are written.
  Ended Scan(std::vector<std::string> arguments, std::string_view input = {}) {
    arguments.insert(arguments.begin(), "scan");
    return Run(std::move(arguments), input);
  }
  Ended Run(std::vector<std::string> arguments, std::string_view input = {}) {
    // Beside the folder, which may itself be scanned.
    const std::string in = folder_ + ".in", out = folder_ + ".out", err = folder_ + ".err";
    std::ofstream(in, std::ios::binary) << input;
    const int output = stdout_ >= 0 ? stdout_ : ::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    arguments.insert(arguments.begin(), "seaworthy");
    std::vector<char*> words;
    for (std::string& argument : arguments) words.push_back(argument.data());
    words.push_back(nullptr);
    const pid_t child = ::fork();
    if (child == 0) {
      ::alarm(120 * seaworthy::testing::kPatience);  // a hang is a failure that ends
      const bool ready = ::chdir(folder_.c_str()) == 0 && ::dup2(::open(in.c_str(), O_RDONLY), 0) == 0 &&
                         ::dup2(output, 1) == 1 &&
                         ::dup2(::open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), 2) == 2;
      if (ready) ::execv(SEAWORTHY_BINARY, words.data());
      ::_exit(127);
    }
    if (stdout_ < 0) ::close(output);
    Ended ended;
    int status = 0;
    struct rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    ended.peak_before_kib = usage.ru_maxrss;
    EXPECT_EQ(::wait4(child, &status, 0, &usage), child);
    if (WIFEXITED(status)) ended.code = WEXITSTATUS(status);
    ended.peak_kib = usage.ru_maxrss;
    ended.out = Read(out);
    ended.err = Read(err);
    for (const std::string& file : {in, out, err}) std::filesystem::remove(file);
    return ended;
  }

  std::string folder_;
  int stdout_ = -1;  // another standard output than a file
};

// A bare Pod that fails critical checks; `name` also of its file, by custom.
inline std::string BadPod(std::string_view name) {
  return "apiVersion: v1\nkind: Pod\nmetadata:\n  name: " + std::string(name) +
         "\nspec:\n  hostPID: true\n  containers:\n  - name: app\n    image: nginx:latest\n    securityContext:\n      "
         "privileged: true\n";
}

// Nothing above low is wrong with it.
inline constexpr std::string_view kGoodCronJob = R"(apiVersion: batch/v1
kind: CronJob
metadata:
  name: cleanup
  namespace: shop
  labels: {app.kubernetes.io/name: cleanup, app.kubernetes.io/instance: shop, app.kubernetes.io/version: "1", app.kubernetes.io/component: job, app.kubernetes.io/part-of: shop, app.kubernetes.io/managed-by: Helm}
spec:
  schedule: "*/15 * * * *"
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: 300
  jobTemplate:
    spec:
      activeDeadlineSeconds: 600
      template:
        metadata: {labels: {app: cleanup}}
        spec:
          restartPolicy: Never
          automountServiceAccountToken: false
          securityContext: {runAsNonRoot: true, runAsUser: 1000, seccompProfile: {type: RuntimeDefault}}
          containers:
          - name: cleanup
            image: registry.example/cleanup:1.4.2
            args: [--all]
            resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {memory: 64Mi, cpu: 100m}}
            securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
)";

}  // namespace seaworthy::wiring::testing
