// Which annotations a projection keeps. Tenants put anything into annotations, so there is a fixed list: what no check
// reads is dropped, what is kept is cut to 512 bytes, and a value that holds a credential is emptied.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "seaworthy/object.h"
#include "seaworthy/pod_spec.h"
#include "seaworthy/text.h"
#include "support/escape.h"
#include "support/json.h"

namespace seaworthy::cache {

using support::CutUtf8;

inline constexpr std::size_t kMaxAnnotationValue = 512;
inline constexpr std::string_view kLastApplied = "kubectl.kubernetes.io/last-applied-configuration";

// kDropped; kPresence: the key with an empty value, as its value changes with every release or machine; kValue.
enum class Keep { kDropped, kPresence, kValue };
Keep KeepAnnotation(std::string_view key);

// The annotations that stay. With `facts`, a credential in any value, kept or not, is added to it as "annotation[KEY]".
Labels KeepAnnotations(const support::Node& annotations, TextPool& pool, List<CredentialFact>* facts);

// The apiVersion in a kubectl.kubernetes.io/last-applied-configuration; empty when it does not begin with one, as
// kubectl's do.
std::string_view LastAppliedApiVersion(std::string_view configuration);

}  // namespace seaworthy::cache
