// Credentials that show by their form alone. Part of credentials_fact.h, which says what is done with them.
#pragma once

#include <string_view>

namespace seaworthy::cache {

// What `value` contains ("GitHub token"), of static storage; empty when nothing is known.
std::string_view FindKeyFormat(std::string_view value);

// A URL (or a MySQL DSN) in `value` holds a password. One that is a placeholder or a reference does not count.
bool HasUrlPassword(std::string_view value);

// "$(VAR)", "<...>", "{{ .Values.x }}", "REPLACE_ME", "xxxx", "****" and empty: stands for a value that is elsewhere.
bool IsPlaceholder(std::string_view value);

}  // namespace seaworthy::cache
