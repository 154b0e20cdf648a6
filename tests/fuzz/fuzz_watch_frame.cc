// The byte stream of a watch: lines come out the same however the bytes are cut, and the name that is read out of an
// unreadable line is the one that a parser finds.
#include <algorithm>
#include <vector>

#include "api/frames.h"
#include "api/watch_frame.h"
#include "fuzz/fuzz.h"
#include "support/json.h"

namespace seaworthy {
namespace {

struct Frames {
  struct Frame {
    bool oversize = false;
    std::string text;
    bool operator==(const Frame&) const = default;
  };
  std::vector<Frame> frames;
  bool partial = false;
  bool operator==(const Frames&) const = default;
};

// `step`: bytes at a time.
Frames Split(std::string_view bytes, std::size_t cap, std::size_t step) {
  Frames result;
  api::FrameSplitter splitter(cap);
  const api::FrameSplitter::Handler handler{
      [&](std::string_view line) { return result.frames.push_back({false, std::string(line)}), true; },
      [&](std::string_view line) { return result.frames.push_back({true, std::string(line)}), true; }};
  while (!bytes.empty()) {
    fuzz::Require(splitter.Feed(bytes.substr(0, step), handler), "nobody said stop");
    fuzz::Require(splitter.buffered() <= cap, "the buffer is bounded");
    bytes.remove_prefix(std::min(step, bytes.size()));
  }
  result.partial = splitter.Finish();
  fuzz::Require(splitter.buffered() == 0, "nothing stays for the next stream");
  return result;
}

// The same, said in the plainest way.
Frames SplitPlainly(std::string_view bytes, std::size_t cap) {
  Frames result;
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    std::string_view line = bytes.substr(0, end);
    result.partial = end == std::string_view::npos;
    bytes.remove_prefix(result.partial ? bytes.size() : end + 1);
    if (line.size() > cap) {
      result.frames.push_back({true, std::string(line.substr(0, cap))});
    } else if (!result.partial) {
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (line.find_first_not_of(" \t") != std::string_view::npos) result.frames.push_back({false, std::string(line)});
    }
  }
  return result;
}

void Identify(std::string_view line, support::Tree& tree) {
  const api::FrameIdentity identity = api::PeekIdentity(line);
  fuzz::Require(identity.name.size() + identity.name_space.size() + identity.uid.size() <= line.size(),
                "nothing is made up");
  if (!support::ParseJson(line, tree).ok()) return;
  const support::Node& metadata = tree.root()["object"]["metadata"];
  const auto agrees = [&](const std::string& peeked, const support::Node& parsed) {
    fuzz::Require(peeked.empty() || parsed.text() == peeked, "peeking finds what parsing finds", peeked);
  };
  agrees(identity.type, tree.root()["type"]);
  agrees(identity.name, metadata["name"]);
  agrees(identity.name_space, metadata["namespace"]);
  agrees(identity.uid, metadata["uid"]);
  agrees(identity.resource_version, metadata["resourceVersion"]);
}

}  // namespace
}  // namespace seaworthy

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace seaworthy;
  fuzz::Choices choices(fuzz::Text(data, size));
  const std::size_t cap = choices.Byte() == 0 ? api::FrameSplitter::kLineCap : 1 + choices.Byte();
  const std::size_t step = 1 + choices.Byte();
  const std::string_view bytes = choices.Rest();
  const Frames frames = SplitPlainly(bytes, cap);
  fuzz::Require(Split(bytes, cap, std::string_view::npos) == frames, "in one piece");
  fuzz::Require(Split(bytes, cap, step) == frames, "in pieces");
  fuzz::Require(Split(bytes, cap, 1) == frames, "byte by byte");
  support::Tree tree;
  for (const Frames::Frame& frame : frames.frames) Identify(frame.text, tree);
  if (frames.frames.size() >= 2) {
    const std::string &a = frames.frames[0].text, &b = frames.frames[1].text;
    const int forth = api::CompareResourceVersions(a, b), back = api::CompareResourceVersions(b, a);
    fuzz::Require((forth < 0) == (back > 0) && (forth > 0) == (back < 0), "an order", a + " " + b);
  }
  return 0;
}
