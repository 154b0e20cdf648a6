// One text for all spellings of one JSON value: members sorted by key, no spaces, numbers in their shortest form. For
// comparing what we would write with what a server holds, and for hashes that do not depend on who serialised a value.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "support/json.h"
#include "support/sip_hash.h"

namespace seaworthy::support {

// An absent node gives an empty text.
std::string CanonicalJson(const Node& node);

// SipHash with the zero key of CanonicalJson: the same in every run.
Hash128 CanonicalHash(const Node& node);
// Of the object that has these members of `node` alone; `members` are sorted.
Hash128 CanonicalHash(const Node& node, std::span<const std::string_view> members);

// Appends `text` as a JSON string with its quotes; only what JSON demands is escaped.
void AppendJsonString(std::string& out, std::string_view text);

}  // namespace seaworthy::support
