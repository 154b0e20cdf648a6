// Recognises credentials in plain text (CHECKLIST: no-plain-secrets): known key formats, passwords in URLs, and literal
// values under names that say "password". What is found leaves as a fact; the value itself is never copied into one.
//
// Every matcher reads its input once or a fixed number of times: values are up to a megabyte and written by strangers.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "cache/command_words.h"
#include "seaworthy/pod_spec.h"
#include "seaworthy/text.h"

namespace seaworthy::cache {

struct Credential {
  CredentialFact::Evidence evidence = CredentialFact::Evidence::kNamedLiteral;
  std::string_view what;  // of static storage: "AWS access key id"
};

// The strongest evidence that `value` under the name `name` (of a variable, a flag, an annotation) is a credential.
// References to elsewhere, placeholders, switches, numbers, durations, plain URLs and paths are none.
std::optional<Credential> FindCredential(std::string_view name, std::string_view value);

// The same without a name: key formats, URLs, and `password=...` within the value.
std::optional<Credential> FindCredential(std::string_view value);

// A name after which a credential is expected: "DB_PASSWORD", "apiKey", "auth-token"; not "TOKEN_TTL", "SECRET_NAME".
bool IsCredentialName(std::string_view name);

// A value that cannot be a credential whatever its name: empty, "$(VAR)", "<password>", "REPLACE_ME", "true", "15m",
// "https://host/". "changeme" is none of these: deployed as it stands, it is the password.
bool IsHarmlessValue(std::string_view value);

// What is found in a command line: `--password=X`, `--token X`, `mysql -pX`, `curl -u user:X`, `PASSWORD=X cmd`, and
// values by themselves. At most one fact an element of the list; `where` is "args[2]" or "command[0]".
void AddCredentials(const std::vector<Word>& words, TextPool& pool, List<CredentialFact>& facts);

// A list of facts is cut here: more of them tell nobody more.
inline constexpr std::size_t kMaxCredentialFacts = 32;

}  // namespace seaworthy::cache
