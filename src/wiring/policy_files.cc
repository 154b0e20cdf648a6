#include "wiring/policy_files.h"

#include <utility>

namespace seaworthy::wiring {

PolicyFiles LoadPolicies(const std::vector<std::string>& paths, const ObjectDecoder& decoder) {
  PolicyFiles files;
  if (paths.empty()) return files;
  LoadedManifests loaded = LoadManifests(paths, decoder);
  files.errors = std::move(loaded.errors);
  for (const LoadNote& note : loaded.notes)
    files.errors.push_back({note.file, note.line, "no AuditPolicy: " + note.message});
  for (ObjectPtr& object : loaded.objects) {
    if (object->kind != Kind::kAuditPolicy) {
      const std::size_t file = static_cast<std::size_t>(object->source.file);
      files.errors.push_back(
          {object->source.set() && file < loaded.files.size() ? loaded.files[file] : std::string(), object->source.line,
           std::string(Info(object->kind).name) + "/" + object->meta.name.str() + " is no AuditPolicy"});
      continue;
    }
    files.policies.push_back(static_cast<const AuditPolicy*>(object.get()));
    files.owners.push_back(std::move(object));
  }
  if (files.policies.empty() && files.errors.empty())
    files.errors.push_back({paths.front(), 0, "holds no AuditPolicy"});
  return files;
}

}  // namespace seaworthy::wiring
