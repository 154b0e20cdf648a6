// Finds one object in a sorted list of extensions by its name: what a source says of this pod, claim or image.
#pragma once

#include <algorithm>
#include <span>
#include <string_view>

#include "seaworthy/check.h"

namespace seaworthy::checks {

// REQUIRES: all of one namespace, as Context::Here gives them, or of none. nullptr when there is none.
inline const Extension* FindNamed(std::span<const Object* const> objects, std::string_view name) {
  const auto at =
      std::lower_bound(objects.begin(), objects.end(), name,
                       [](const Object* object, std::string_view wanted) { return object->meta.name.view() < wanted; });
  return at == objects.end() || (*at)->meta.name != name ? nullptr : &Context::AsExtension(**at);
}

}  // namespace seaworthy::checks
