// Reports that `diff` reads, split in two and compared with each other in every format.
#include "fuzz/fuzz.h"
#include "sinks/audit_report/diff.h"
#include "sinks/audit_report/report_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace seaworthy;
  using namespace seaworthy::sinks::audit_report;
  const std::string_view text = fuzz::Text(data, size);
  // The two stand one behind the other, with a line of dashes between them.
  constexpr std::string_view kBetween = "\n---\n";
  const std::size_t cut = text.find(kBetween);
  const Result<KnownReport> before = ReadReport(text.substr(0, cut));
  const Result<KnownReport> after =
      ReadReport(cut == std::string_view::npos ? text : text.substr(cut + kBetween.size()));
  for (const Result<KnownReport>* report : {&before, &after}) {
    if (report->ok()) continue;
    for (const char c : report->status().message())
      fuzz::Require(static_cast<unsigned char>(c) >= 0x20, "an error steers no terminal", report->status().message());
  }
  if (!before.ok() || !after.ok()) return 0;
  const Diff same = Compare(*before, *before);
  fuzz::Require(same.regressions.empty() && same.mended.empty() && same.scores.empty() && same.added.empty(),
                "nothing changed");
  const Diff diff = Compare(*before, *after);
  const DiffOptions options = {"fuzz", true, "a", "b"};
  std::size_t pieces = 0;
  const Write count = [&](std::string_view piece) { pieces += piece.empty() ? 0U : 1U; };
  WriteDiffText(diff, options, count);
  WriteDiffJson(diff, options, count);
  WriteDiffMarkdown(diff, options,
                    [&](std::string_view piece) { fuzz::Require(piece.size() < 70'000, "fits into a comment"); });
  WriteDiffGithub(diff, options, count);
  fuzz::Require(pieces != 0, "something is said");
  return 0;
}
