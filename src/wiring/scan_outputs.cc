#include "wiring/scan_outputs.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <utility>

#include "wiring/commands.h"

namespace seaworthy::wiring {
namespace {

namespace audit_report = sinks::audit_report;

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

void WriteOne(const ScanOutput& output, const ScanReport& report, Stream& stream) {
  const auto write = [&](std::string_view text) { stream.Write(text); };
  switch (output.format) {
    case ScanOutput::Format::kJson: {
      audit_report::JsonOptions options;
      options.generated_by = GeneratedBy();
      options.files = report.files;
      options.errors = report.errors;
      options.line_of = report.line_of;
      audit_report::WriteJson(*report.source, options, write);
      return;
    }
    case ScanOutput::Format::kText: {
      audit_report::TextOptions options;
      options.colour = output.file.empty() && isatty(STDOUT_FILENO) != 0;
      options.files = report.files;
      options.errors = report.errors;
      options.least = report.least;
      options.line_of = report.line_of;
      audit_report::WriteText(*report.source, options, write);
      return;
    }
  }
}

}  // namespace

std::optional<std::vector<ScanOutput>> ParseScanOutputs(const std::vector<std::string>& texts) {
  if (texts.empty()) return std::vector<ScanOutput>(1);
  std::vector<ScanOutput> outputs;
  for (std::string text : texts) {
    if (text.starts_with('=')) text.erase(0, 1);  // "-o=json", as kubectl takes it
    const std::size_t equals = text.find('=');
    const std::string format = text.substr(0, equals);
    ScanOutput output;
    if (format == "json") {
      output.format = ScanOutput::Format::kJson;
    } else if (format != "text") {
      std::fprintf(stderr, "seaworthy scan: unknown output format \"%s\": text or json\n", format.c_str());
      return std::nullopt;
    }
    if (equals != std::string::npos) {
      output.file = text.substr(equals + 1);
      if (output.file.empty()) {
        std::fprintf(stderr, "seaworthy scan: no file is named behind \"%s\"\n", text.c_str());
        return std::nullopt;
      }
    }
    outputs.push_back(std::move(output));
  }
  return outputs;
}

int WriteScanOutputs(const std::vector<ScanOutput>& outputs, const ScanReport& report) {
  int code = kExitOk;
  for (const ScanOutput& output : outputs) {
    Stream stream(output.file);
    const bool open = stream.open();
    if (open) WriteOne(output, report, stream);
    const int error = stream.Close();
    if (error == 0 || (error == EPIPE && output.file.empty())) continue;
    std::fprintf(stderr, "seaworthy scan: cannot write %s: %s\n",
                 output.file.empty() ? "to standard output" : output.file.c_str(), std::strerror(error));
    if (code == kExitOk) code = open ? kExitInternal : kExitUsage;
  }
  return code;
}

}  // namespace seaworthy::wiring
