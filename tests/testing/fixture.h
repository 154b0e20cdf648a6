// A fixture: YAML documents as users write them, with directives in the comment lines at the top. See CONTRIBUTING.md,
// "Fixtures".
//
//   # mode: cluster              a live cluster; default: scan
//   # subject: Deployment/web    or kind/namespace/name; default: the first object of the check's subject type
//   # now: 2026-11-24T12:00:00Z
//   # tier: critical
//   # allow: roles              what the policy allows
//   # absent: Kind    # denied: Kind    # off: Kind    # degraded: Kind    # pending: Kind
//   # evidence: {"availability":{...}}   what the watch saw of the subject, as a WorkloadAudit keeps it
//   # message: substring    # path: exact    # container: exact    # patch: yes
//
// A WorkloadAudit among the documents is what an earlier run kept: its status.evidence is restored, as after a restart.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cache/world.h"
#include "seaworthy/check.h"
#include "seaworthy/object_decoder.h"

namespace seaworthy::testing {

struct Directive {
  std::string name, value;
};

class Fixture {
 public:
  // Reads and decodes; what goes wrong is in error().
  explicit Fixture(std::string text);
  static Fixture FromFile(const std::string& path);
  ~Fixture();
  Fixture(Fixture&&) noexcept;

  const std::string& error() const { return error_; }
  const std::vector<Directive>& directives() const { return directives_; }
  std::vector<std::string> All(std::string_view name) const;
  std::string Get(std::string_view name, std::string_view otherwise = {}) const;

  cache::World& world() { return *world_; }
  TextPool& pool() { return *pool_; }
  WallTime now() const { return now_; }
  // The subject that the fixture is about, for a check of this type. An unset reference (and an error) when there is
  // none.
  SubjectRef Subject(SubjectType type, std::string& error) const;
  Tier tier() const;
  // The fixture with `patch` (JSON, strategic merge) applied to its subject's document.
  Fixture Patched(SubjectType type, std::string_view patch) const;

 private:
  struct Parsed;
  void Load();
  void RestoreEvidence();

  std::string text_;
  std::string error_;
  std::vector<Directive> directives_;
  WallTime now_{};
  std::unique_ptr<TextPool> pool_;
  std::unique_ptr<ObjectDecoder> decoder_;
  std::unique_ptr<Parsed> parsed_;
  std::unique_ptr<cache::World> world_;
};

}  // namespace seaworthy::testing
