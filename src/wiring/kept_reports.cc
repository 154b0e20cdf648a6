#include "wiring/kept_reports.h"

#include <algorithm>
#include <cstring>
#include <tuple>
#include <utility>

namespace seaworthy::wiring {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{1} << 20;

support::Hash128 NameOf(std::string_view ns, std::string_view name) {
  std::string both(ns);
  both += '/';
  both += name;
  return support::WideHash(both);
}

// Numbers as they lie in memory, texts with their length before them: read back by this process alone.
class Out {
 public:
  template <typename T>
  void Number(T value) {
    const auto* bytes = reinterpret_cast<const char*>(&value);
    text_.append(bytes, sizeof value);
  }
  void String(std::string_view text) {
    Number(static_cast<std::uint32_t>(text.size()));
    text_ += text;
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

class In {
 public:
  explicit In(std::string_view text) : text_(text) {}
  template <typename T>
  T Number() {
    T value;
    std::memcpy(&value, text_.data(), sizeof value);
    text_.remove_prefix(sizeof value);
    return value;
  }
  std::string_view String() {
    const auto size = Number<std::uint32_t>();
    const std::string_view text = text_.substr(0, size);
    text_.remove_prefix(size);
    return text;
  }

 private:
  std::string_view text_;
};

}  // namespace

void KeptReports::Put(const AuditObject& audit) {
  Out out;
  out.String(audit.evidence);
  out.String(audit.passed);
  out.Number(static_cast<std::uint32_t>(audit.meta.owners.size()));
  for (const OwnerRef& owner : audit.meta.owners) out.Number(owner.uid.high), out.Number(owner.uid.low);
  out.Number(static_cast<std::uint32_t>(audit.findings.size()));
  for (const AuditedFinding& one : audit.findings) {
    out.String(one.check), out.String(one.subject), out.String(one.verdict);
    out.Number(one.since.seconds);
  }
  out.Number(static_cast<std::uint32_t>(audit.transitions.size()));
  for (const AuditedTransition& one : audit.transitions) {
    out.String(one.check), out.String(one.from), out.String(one.to), out.String(one.cause), out.String(one.manager);
    out.Number(one.generation), out.Number(one.when.seconds);
  }
  Reports& reports = Of(audit.kind);
  if (reports.blocks.empty() || reports.blocks.back().size() + out.text().size() > reports.blocks.back().capacity())
    reports.blocks.emplace_back().reserve(std::max(kBlockBytes, out.text().size()));
  std::string& block = reports.blocks.back();
  reports.places.push_back({NameOf(audit.meta.namespace_, audit.meta.name),
                            static_cast<std::uint32_t>(reports.blocks.size() - 1),
                            static_cast<std::uint32_t>(block.size()), static_cast<std::uint32_t>(out.text().size())});
  reports.sorted = false;
  block += out.text();
}

void KeptReports::Remove(Kind kind, std::string_view ns, std::string_view name) {
  Of(kind).places.push_back({NameOf(ns, name)});
  Of(kind).sorted = false;
}

std::unique_ptr<AuditObject> KeptReports::Find(Kind kind, std::string_view ns, std::string_view name, TextPool& pool) {
  Reports& reports = Of(kind);
  const auto by_name = [](const Place& a, const Place& b) {
    return std::tie(a.name.high, a.name.low) < std::tie(b.name.high, b.name.low);
  };
  if (!std::exchange(reports.sorted, true)) std::stable_sort(reports.places.begin(), reports.places.end(), by_name);
  const auto after = std::upper_bound(reports.places.begin(), reports.places.end(), Place{NameOf(ns, name)}, by_name);
  if (after == reports.places.begin()) return nullptr;
  const Place& place = *std::prev(after);
  if (place.size == 0 || !(place.name == NameOf(ns, name))) return nullptr;
  In in(std::string_view(reports.blocks[place.block]).substr(place.begin, place.size));
  auto audit = std::make_unique<AuditObject>(kind);
  audit->meta.namespace_ = pool.Intern(ns);
  audit->meta.name = pool.Intern(name);
  audit->evidence = in.String();
  audit->passed = pool.Intern(in.String());
  const auto text = [&] { return pool.Intern(in.String()); };
  for (auto left = in.Number<std::uint32_t>(); left > 0; --left) {
    OwnerRef owner;
    owner.uid.high = in.Number<std::uint64_t>();
    owner.uid.low = in.Number<std::uint64_t>();
    audit->meta.owners.push_back(std::move(owner));
  }
  for (auto left = in.Number<std::uint32_t>(); left > 0; --left) {
    AuditedFinding one;
    one.check = text(), one.subject = text(), one.verdict = text();
    one.since.seconds = in.Number<std::int64_t>();
    audit->findings.push_back(std::move(one));
  }
  for (auto left = in.Number<std::uint32_t>(); left > 0; --left) {
    AuditedTransition one;
    one.check = text(), one.from = text(), one.to = text(), one.cause = text(), one.manager = text();
    one.generation = in.Number<std::int64_t>();
    one.when.seconds = in.Number<std::int64_t>();
    audit->transitions.push_back(std::move(one));
  }
  return audit;
}

std::size_t KeptReports::resident_bytes() const {
  std::size_t bytes = sizeof(KeptReports);
  for (const Reports& reports : reports_) {
    bytes += reports.places.capacity() * sizeof(Place);
    for (const std::string& block : reports.blocks) bytes += block.capacity();
  }
  return bytes;
}

}  // namespace seaworthy::wiring
