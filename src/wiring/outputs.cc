#include "wiring/outputs.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "support/escape.h"
#include "wiring/commands.h"

namespace seaworthy::wiring {
namespace {

// A stream that remembers its first error; after that nothing more is written.
class Stream {
 public:
  explicit Stream(const std::string& file) : file_(file.empty() ? stdout : std::fopen(file.c_str(), "we")) {
    if (file_ == nullptr) error_ = errno;
  }
  bool open() const { return file_ != nullptr; }
  ~Stream() { Close(); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  void Write(std::string_view text) {
    if (error_ == 0 && std::fwrite(text.data(), 1, text.size(), file_) != text.size()) error_ = errno;
  }
  // 0: everything has arrived.
  int Close() {
    std::FILE* file = std::exchange(file_, nullptr);
    if (file == nullptr) return error_;
    if (std::fflush(file) != 0 && error_ == 0) error_ = errno;
    if (file != stdout && std::fclose(file) != 0 && error_ == 0) error_ = errno;
    return error_;
  }

 private:
  std::FILE* file_;
  int error_ = 0;
};

// "text, json or sarif"
std::string Listed(std::span<const std::string_view> words) {
  std::string list;
  for (std::size_t i = 0; i < words.size(); ++i)
    list += std::string(i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + std::string(words[i]);
  return list;
}

void Complain(std::string_view command, const std::string& text) {
  std::fprintf(stderr, "seaworthy %s: %s\n", std::string(command).c_str(), support::StripTerminal(text).c_str());
}

}  // namespace

std::optional<std::vector<Output>> ParseOutputs(std::string_view command, const std::vector<std::string>& texts,
                                                std::span<const std::string_view> formats) {
  if (texts.empty()) return std::vector<Output>{{std::string(formats.front()), {}}};
  std::vector<Output> outputs;
  for (std::string text : texts) {
    if (text.starts_with('=')) text.erase(0, 1);  // "-o=json", as kubectl takes it
    const std::size_t equals = text.find('=');
    Output output;
    output.format = text.substr(0, equals);
    if (std::find(formats.begin(), formats.end(), output.format) == formats.end()) {
      Complain(command, "unknown output format \"" + output.format + "\": " + Listed(formats));
      return std::nullopt;
    }
    if (equals != std::string::npos) {
      output.file = text.substr(equals + 1);
      if (output.file.empty()) {
        Complain(command, "no file is named behind \"" + text + "\"");
        return std::nullopt;
      }
    }
    outputs.push_back(std::move(output));
  }
  return outputs;
}

int WriteOutputs(std::string_view command, const std::vector<Output>& outputs,
                 const std::function<void(const Output&, const WriteText&)>& write) {
  int code = kExitOk;
  for (const Output& output : outputs) {
    Stream stream(output.file);
    const bool open = stream.open();
    if (open) write(output, [&](std::string_view text) { stream.Write(text); });
    const int error = stream.Close();
    if (error == 0 || (error == EPIPE && output.file.empty())) continue;
    Complain(command, "cannot write " + (output.file.empty() ? std::string("to standard output") : output.file) + ": " +
                          std::strerror(error));
    if (code == kExitOk) code = open ? kExitInternal : kExitUsage;
  }
  return code;
}

bool UsesColour(const Output& output) {
  if (!output.file.empty() || isatty(STDOUT_FILENO) == 0) return false;
  const char* none = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  return (none == nullptr || *none == '\0') && (terminal == nullptr || std::strcmp(terminal, "dumb") != 0);
}

}  // namespace seaworthy::wiring
