// JSON from an API server, through the parser and every decoder: an answer, never more than an error, and nothing of
// the object left in the pool of texts when it is gone.
#include <nlohmann/json.hpp>

#include "cache/decode.h"
#include "fuzz/fuzz.h"
#include "seaworthy/kind.h"
#include "support/canonical_json.h"
#include "support/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace seaworthy;
  const std::string_view text = fuzz::Text(data, size);
  static support::Tree tree, again;  // kept, as readers keep theirs: what one object leaves must not meet the next
  if (!support::ParseJson(text, tree).ok()) return 0;
  const std::string canonical = support::CanonicalJson(tree.root());
  fuzz::Require(nlohmann::json::accept(canonical) || canonical.find_first_of("eE") != std::string::npos,
                "it is JSON, but for numbers beyond a double", canonical);
  fuzz::Require(support::ParseJson(canonical, again).ok() && support::CanonicalJson(again.root()) == canonical,
                "canonical is canonical", canonical);
  const bool lines = (size & 1) != 0;  // a scan knows lines, a watch does not
  if (lines) fuzz::Require(support::ParseJson(text, tree, 1).ok(), "lines change nothing");
  TextPool pool;
  {
    const auto decoder = cache::MakeDecoder(pool);
    for (const KindInfo& info : KindTable()) {
      const Result<ObjectPtr> object = decoder->Decode(info.kind, tree.root());
      if (object.ok()) {
        fuzz::Require((*object)->kind == info.kind && (*object)->resident_bytes() > 0, "an object of that kind",
                      info.name);
      } else {
        fuzz::Require(object.status().code() == Code::kInvalidArgument &&
                          object.status().message().find(info.name) != std::string::npos,
                      "an error that names the kind", object.status().message());
      }
    }
  }
  fuzz::Require(pool.size() == 0, "no text outlives its object");
  return 0;
}
