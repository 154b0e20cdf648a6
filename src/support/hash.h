// Fast hashes of byte strings, the same in every run and on every machine (they may be stored). Without a key: for
// tables that strangers write to there is sip_hash.h.
//
// Built on the multiplication of 64 bits by 64 bits into 128 whose halves are folded together, as wyhash (public
// domain) does; about 10 GB/s on long inputs. Pure, thread-safe.
#pragma once

#include <cstdint>
#include <string_view>

#include "support/sip_hash.h"

namespace seaworthy::support {

std::uint64_t Hash64(std::string_view bytes, std::uint64_t seed = 0);

// Two of them with different seeds: for identities, where a collision among billions must not happen by chance.
Hash128 WideHash(std::string_view bytes);

// The hash of a pair, a list, ...: order matters.
std::uint64_t CombineHash(std::uint64_t hash, std::uint64_t next);

}  // namespace seaworthy::support
