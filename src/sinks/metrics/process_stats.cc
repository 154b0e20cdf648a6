#include "sinks/metrics/process_stats.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <charconv>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace seaworthy::sinks::metrics {
namespace {

std::string ReadAll(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The nth blank-separated word, counted from 0.
std::uint64_t Word(std::string_view line, int index) {
  std::size_t at = line.find_first_not_of(' ');
  for (; index > 0 && at != std::string_view::npos; --index) {
    at = line.find(' ', at);
    at = at == std::string_view::npos ? at : line.find_first_not_of(' ', at);
  }
  std::uint64_t value = 0;
  if (at != std::string_view::npos) std::from_chars(line.data() + at, line.data() + line.size(), value);
  return value;
}

std::uint64_t OpenFds() {
  DIR* folder = opendir("/proc/self/fd");
  if (folder == nullptr) return 0;
  std::uint64_t count = 0;
  while (const dirent* entry = readdir(folder)) {
    if (entry->d_name[0] != '.') ++count;
  }
  closedir(folder);
  return count > 0 ? count - 1 : 0;  // without the one that counts
}

std::uint64_t BootTime() {
  const std::string stat = ReadAll("/proc/stat");
  const std::size_t at = stat.find("\nbtime ");
  return at == std::string::npos ? 0 : Word(std::string_view(stat).substr(at + 7), 0);
}

}  // namespace

ProcessStats ReadProcessStats() {
  ProcessStats stats;
  const std::string text = ReadAll("/proc/self/stat");
  // The name before ')' may hold blanks. After it: state is word 0, so proc(5)'s field n is word n - 3.
  const std::size_t name_end = text.rfind(')');
  if (name_end != std::string::npos) {
    const std::string_view fields = std::string_view(text).substr(name_end + 1);
    const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
    const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    stats.cpu_seconds = static_cast<double>(Word(fields, 11) + Word(fields, 12)) / ticks;
    stats.threads = Word(fields, 17);
    stats.start_time = static_cast<double>(BootTime()) + static_cast<double>(Word(fields, 19)) / ticks;
    stats.virtual_bytes = Word(fields, 20);
    stats.resident_bytes = Word(fields, 21) * page;
  }
  stats.open_fds = OpenFds();
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) stats.max_fds = limit.rlim_cur;
  return stats;
}

}  // namespace seaworthy::sinks::metrics
