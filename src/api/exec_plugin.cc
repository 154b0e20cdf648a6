#include "api/exec_plugin.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <nlohmann/json.hpp>

#include "api/trust_store.h"
#include "support/json.h"

namespace seaworthy::api {
namespace {

constexpr std::size_t kOutputCap = std::size_t{1} << 20;
constexpr std::size_t kErrorCap = 1024;

class Pipe {
 public:
  Pipe() { usable_ = pipe2(ends_.data(), O_CLOEXEC) == 0; }
  ~Pipe() {
    CloseRead();
    CloseWrite();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  bool usable() const { return usable_; }
  int read_end() const { return ends_[0]; }
  int write_end() const { return ends_[1]; }
  void CloseRead() { Close(ends_[0]); }
  void CloseWrite() { Close(ends_[1]); }

 private:
  static void Close(int& end) {
    if (end >= 0) close(end);
    end = -1;
  }
  std::array<int, 2> ends_ = {-1, -1};
  bool usable_ = false;
};

// Appends what can be read now; false at the end.
bool Drain(Pipe& pipe, std::string& out, std::size_t cap) {
  std::array<char, 4096> block;
  const ssize_t got = read(pipe.read_end(), block.data(), block.size());
  if (got < 0) return errno == EINTR || errno == EAGAIN;
  if (got == 0) return false;
  out.append(block.data(), std::min(static_cast<std::size_t>(got), cap + 1 - std::min(cap + 1, out.size())));
  return true;
}

std::string Printable(std::string text) {
  for (char& c : text) {
    if (c < ' ' || c > '~') c = ' ';
  }
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (std::string& text : strings) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

std::vector<std::string> PluginEnvironment(const ExecSpec& spec) {
  nlohmann::json info = {
      {"kind", "ExecCredential"}, {"apiVersion", spec.api_version}, {"spec", {{"interactive", false}}}};
  if (!spec.cluster_info.empty()) info["spec"]["cluster"] = nlohmann::json::parse(spec.cluster_info, nullptr, false);
  std::vector<std::string> environment = OriginalEnvironment();
  const auto set = [&](const std::string& name, const std::string& value) {
    std::erase_if(environment, [&](const std::string& entry) { return entry.starts_with(name + "="); });
    environment.push_back(name + "=" + value);
  };
  for (const auto& [name, value] : spec.env) set(name, value);
  set("KUBERNETES_EXEC_INFO", info.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  return environment;
}

// A group of its own (so that its children die with it), nothing inherited but the three standard descriptors, signals
// as at start: ours are blocked for signalfd.
Result<pid_t> Spawn(const ExecSpec& spec, const Pipe& output, const Pipe& errors) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output.write_end(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, errors.write_end(), STDERR_FILENO);
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP));
  std::vector<std::string> arguments = {spec.command};
  arguments.insert(arguments.end(), spec.args.begin(), spec.args.end());
  std::vector<std::string> environment = PluginEnvironment(spec);
  pid_t pid = 0;
  const int error = posix_spawnp(&pid, spec.command.c_str(), &actions, &attributes, Pointers(arguments).data(),
                                 Pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error == 0) return pid;
  std::string message = spec.command + ": " + std::strerror(error);
  if (error == ENOENT && !spec.install_hint.empty())
    message += ". " + Printable(spec.install_hint.substr(0, kErrorCap));
  return Status(Code::kFailedPrecondition, std::move(message));
}

}  // namespace

std::optional<WallTime> ParseRfc3339(std::string_view text) {
  const auto number = [&](std::size_t at, std::size_t size) -> std::optional<int> {
    int value = 0;
    const char* end = text.data() + at + size;
    if (at + size > text.size() || text[at] == '-') return std::nullopt;
    const auto [stop, error] = std::from_chars(text.data() + at, end, value);
    return error == std::errc() && stop == end ? std::optional(value) : std::nullopt;
  };
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != 't') || text[13] != ':' ||
      text[16] != ':') {
    return std::nullopt;
  }
  const auto year = number(0, 4), month = number(5, 2), day = number(8, 2), hour = number(11, 2),
             minute = number(14, 2), second = number(17, 2);
  if (!year || !month || !day || !hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 60)
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  WallTime time = std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
                  std::chrono::seconds(*second);
  std::size_t at = 19;
  if (text[at] == '.') {
    at = text.find_first_not_of("0123456789", at + 1);
    if (at == std::string_view::npos) return std::nullopt;
  }
  const std::string_view zone = text.substr(at);
  if (zone == "Z" || zone == "z") return time;
  if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':') return std::nullopt;
  const auto zone_hour = number(at + 1, 2), zone_minute = number(at + 4, 2);
  if (!zone_hour || !zone_minute) return std::nullopt;
  const auto offset = std::chrono::hours(*zone_hour) + std::chrono::minutes(*zone_minute);
  return zone[0] == '+' ? time - offset : time + offset;
}

Result<ExecCredential> ParseExecCredential(const std::string& output, const std::string& api_version) {
  support::Tree tree;
  if (!support::ParseJson(output, tree).ok()) return Status(Code::kFailedPrecondition, "did not print one JSON object");
  const support::Node& root = tree.root();
  if (root["kind"].text() != "ExecCredential" || root["apiVersion"].text() != api_version) {
    return Status(Code::kFailedPrecondition, "did not print an ExecCredential of " + api_version);
  }
  const support::Node& status = root["status"];
  ExecCredential credential;
  credential.token = status["token"].text();
  credential.client_certificate = status["clientCertificateData"].text();
  credential.client_key = status["clientKeyData"].text();
  if (credential.token.empty() && credential.client_certificate.empty()) {
    return Status(Code::kFailedPrecondition, "printed neither a token nor a client certificate");
  }
  if (credential.client_certificate.empty() != credential.client_key.empty()) {
    return Status(Code::kFailedPrecondition, "printed only one of clientCertificateData and clientKeyData");
  }
  // It becomes a header line.
  if (std::any_of(credential.token.begin(), credential.token.end(), [](char c) { return c <= ' ' || c > '~'; })) {
    return Status(Code::kFailedPrecondition, "printed something that is not a token");
  }
  if (const support::Node& expires = status["expirationTimestamp"]; expires.present()) {
    credential.expires = ParseRfc3339(expires.text());
    if (!credential.expires)
      return Status(Code::kFailedPrecondition, "printed an expirationTimestamp that is not RFC 3339");
  }
  return credential;
}

Result<ExecCredential> RunExecPlugin(const ExecSpec& spec, Duration limit, const std::atomic<bool>& stop) {
  const auto failed = [&](const std::string& why) {
    return Status(Code::kFailedPrecondition, "exec plugin " + spec.command + ": " + why);
  };
  Pipe output, errors;
  if (!output.usable() || !errors.usable()) return failed("no pipe");
  const Result<pid_t> pid = Spawn(spec, output, errors);
  if (!pid.ok()) return failed(pid.status().message());
  output.CloseWrite();
  errors.CloseWrite();

  using Steady = std::chrono::steady_clock;
  const Steady::time_point deadline = Steady::now() + limit;
  std::string printed, complained;
  bool output_open = true, errors_open = true, exited = false;
  int status = 0;
  // Its exit counts, not the end of its output: a helper that it left in the background may keep the pipe open.
  while (!exited || output_open) {
    if (Steady::now() >= deadline || stop.load() || printed.size() > kOutputCap) {
      if (exited && printed.size() <= kOutputCap) break;
      if (!exited) {
        kill(-*pid, SIGKILL);
        waitpid(*pid, &status, 0);
      }
      return failed(printed.size() > kOutputCap ? "printed more than 1 MiB"
                    : stop.load()               ? "stopped"
                                                : "took too long");
    }
    std::array<pollfd, 2> wanted = {
        {{output_open ? output.read_end() : -1, POLLIN, 0}, {errors_open ? errors.read_end() : -1, POLLIN, 0}}};
    poll(wanted.data(), wanted.size(), exited ? 20 : 50);
    if (wanted[0].revents != 0) output_open = Drain(output, printed, kOutputCap);
    if (wanted[1].revents != 0) errors_open = Drain(errors, complained, kErrorCap);
    if (exited && wanted[0].revents == 0) break;
    if (!exited) exited = waitpid(*pid, &status, WNOHANG) == *pid;
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    std::string why = WIFEXITED(status) ? "exit code " + std::to_string(WEXITSTATUS(status)) : "killed by a signal";
    if (!complained.empty()) why += ": " + Printable(complained.substr(0, kErrorCap));
    return failed(why);
  }
  Result<ExecCredential> credential = ParseExecCredential(printed, spec.api_version);
  if (!credential.ok()) return failed(credential.status().message());
  return credential;
}

}  // namespace seaworthy::api
