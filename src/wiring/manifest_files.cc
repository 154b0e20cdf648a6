#include "wiring/manifest_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

namespace seaworthy::wiring {
namespace {

namespace fs = std::filesystem;

bool IsManifestName(std::string_view name) {
  return name.ends_with(".yaml") || name.ends_with(".yml") || name.ends_with(".json");
}

// ".." begins the names under which the kubelet keeps the versions of a mounted ConfigMap.
bool IsPassedOver(std::string_view name) { return name == ".git" || name == "node_modules" || name.starts_with(".."); }

class Finder {
 public:
  void Add(const std::string& path) {
    if (path == "-") {
      found_.files.push_back(path);
      return;
    }
    std::vector<Item> pending{{path, true}};
    while (!pending.empty()) {
      const Item item = std::move(pending.back());
      pending.pop_back();
      Visit(item, pending);
    }
  }
  ManifestFiles Take() { return std::move(found_); }

 private:
  struct Item {
    std::string path;
    bool named = false;  // by the caller
  };

  void Visit(const Item& item, std::vector<Item>& pending) {
    struct stat info{};
    if (::stat(item.path.c_str(), &info) != 0) {
      // A dangling link inside a folder is not what the user asked for.
      if (item.named || errno != ENOENT) found_.errors.push_back({item.path, std::strerror(errno)});
      return;
    }
    // Device and inode: the same file by another link is the same objects once more.
    const auto identity = std::pair(static_cast<std::uint64_t>(info.st_dev), static_cast<std::uint64_t>(info.st_ino));
    if (S_ISDIR(info.st_mode)) {
      if (seen_.insert(identity).second) List(item, pending);
    } else if (item.named ? true : S_ISREG(info.st_mode)) {
      // Pipes and devices named by the caller ("<(helm template ...)") are read as they come.
      if (!S_ISREG(info.st_mode) || seen_.insert(identity).second) found_.files.push_back(item.path);
    }
  }

  void List(const Item& folder, std::vector<Item>& pending) {
    std::error_code code;
    std::vector<std::string> names;
    bool chart = false, templates = false;
    for (fs::directory_iterator entry(folder.path, code), end; !code && entry != end; entry.increment(code)) {
      std::string name = entry->path().filename().string();
      chart = chart || name == "Chart.yaml";
      templates = templates || name == "templates";
      if (!IsPassedOver(name)) names.push_back(std::move(name));
    }
    if (code) {
      found_.errors.push_back({folder.path, code.message()});
      return;
    }
    if (chart && templates) {
      found_.helm_charts.push_back(folder.path);
      return;
    }
    // Pushed in reverse, so that they are visited in order.
    std::sort(names.begin(), names.end(), std::greater<>());
    for (const std::string& name : names) {
      std::string path = folder.path.ends_with('/') ? folder.path + name : folder.path + "/" + name;
      std::error_code ignored;
      if (IsManifestName(name) || fs::is_directory(path, ignored)) pending.push_back({std::move(path), false});
    }
  }

  ManifestFiles found_;
  std::set<std::pair<std::uint64_t, std::uint64_t>> seen_;
};

}  // namespace

ManifestFiles FindManifestFiles(const std::vector<std::string>& paths) {
  Finder finder;
  for (const std::string& path : paths) finder.Add(path);
  return finder.Take();
}

Result<std::string> ReadWhole(const std::string& path, std::size_t most) {
  const bool standard_input = path == "-";
  const int file = standard_input ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return Status(Code::kNotFound, std::strerror(errno));
  std::string text;
  struct stat info{};
  if (::fstat(file, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0) {
    text.reserve(std::min(static_cast<std::size_t>(info.st_size) + 1, most + 1));
  }
  Status problem;
  std::size_t chunk = std::size_t{64} * 1024;
  while (problem.ok()) {
    const std::size_t size = text.size();
    const std::size_t room = std::max(text.capacity() - size, chunk);
    text.resize(size + room);
    const ssize_t got = ::read(file, text.data() + size, room);
    const int error = errno;
    text.resize(size + (got > 0 ? static_cast<std::size_t>(got) : 0));
    if (got == 0) break;
    if (got < 0 && error == EINTR) continue;
    if (got < 0) problem = Status(Code::kUnavailable, std::strerror(error));
    if (text.size() > most)
      problem = Status(Code::kResourceExhausted, "larger than " + std::to_string(most) + " bytes");
    chunk = std::min(chunk * 2, std::size_t{16} * 1024 * 1024);
  }
  if (!standard_input) ::close(file);
  if (!problem.ok()) return problem;
  return text;
}

}  // namespace seaworthy::wiring
