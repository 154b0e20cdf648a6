// What an API server sends as protobuf: any bytes are safe, frames come out the same however they are cut, and what is
// read is a whole tree or an error.
#include <algorithm>
#include <string>
#include <vector>

#include "api/kubernetes_protobuf.h"
#include "api/length_frames.h"
#include "fuzz/fuzz.h"
#include "support/json.h"

namespace seaworthy {
namespace {

std::vector<std::string> Split(std::string_view bytes, std::size_t step, bool& partial) {
  std::vector<std::string> frames;
  api::LengthFrames splitter;
  const api::LengthFrames::Handler handler{
      [&](std::string_view frame) { return frames.emplace_back(frame), true; },
      [&](std::size_t size) { frames.push_back("larger: " + std::to_string(size)); }};
  while (!bytes.empty() && splitter.Feed(bytes.substr(0, step), handler))
    bytes.remove_prefix(std::min(step, bytes.size()));
  partial = splitter.Finish();
  return frames;
}

void Read(std::string_view bytes) {
  support::Tree tree, item;
  const auto whole = [&](const Status& status, const support::Tree& read) {
    if (status.ok()) {
      fuzz::Require(read.complete() && read.root().is_object(), "a whole object");
    } else {
      fuzz::Require(status.message().starts_with("protobuf: "), "an error says what it is about", status.message());
    }
  };
  whole(api::ParseProtobufObject(bytes, tree), tree);
  whole(api::ParseProtobufEvent(bytes, tree), tree);
  whole(api::ParseProtobufList(bytes, tree, item,
                               [](const support::Node& one) { fuzz::Require(one.is_object(), "an item"); }),
        tree);
}

}  // namespace
}  // namespace seaworthy

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace seaworthy;
  const std::string_view bytes = fuzz::Text(data, size);
  Read(bytes);
  bool partial = false, again = false;
  const std::vector<std::string> frames = Split(bytes, std::string_view::npos, partial);
  for (const std::size_t step : {1, 3}) {
    fuzz::Require(Split(bytes, step, again) == frames, "in pieces");
    const bool stopped = !frames.empty() && frames.back().starts_with("larger: ");
    fuzz::Require(stopped || again == partial, "the same rest");
  }
  for (const std::string& frame : frames) Read(frame);
  return 0;
}
