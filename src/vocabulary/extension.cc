#include "seaworthy/extension.h"

#include <charconv>

#include "vocabulary/resident.h"

namespace seaworthy {

std::size_t Extension::resident_bytes() const {
  std::size_t total = sizeof(Extension) + HeapOf(meta) + HeapOf(conditions) + facts.capacity() * sizeof(Fact);
  for (const Selector& one : selectors) total += sizeof(Selector) + HeapOf(one.selector);
  if (runs != nullptr) total += runs->resident_bytes();
  return total;
}

std::string_view Extension::First(std::string_view path) const {
  for (const Fact& fact : facts) {
    if (fact.path == path) return fact.value;
  }
  return {};
}

bool Extension::Has(std::string_view path) const {
  for (const Fact& fact : facts) {
    if (fact.path == path) return true;
  }
  return false;
}

std::vector<const Extension::Fact*> Extension::All(std::string_view path) const {
  std::vector<const Fact*> found;
  for (const Fact& fact : facts) {
    if (fact.path == path) found.push_back(&fact);
  }
  return found;
}

bool Extension::Names(std::string_view path, std::string_view value) const {
  for (const Fact& fact : facts) {
    if (fact.path == path && fact.value == value) return true;
  }
  return false;
}

std::string_view Extension::Beside(const Fact& beside, std::string_view path) const {
  for (const Fact& fact : facts) {
    if (fact.path == path && fact.outer == beside.outer && fact.inner == beside.inner) return fact.value;
  }
  return {};
}

std::vector<std::string_view> Extension::Within(std::uint16_t outer, std::string_view path) const {
  std::vector<std::string_view> values;
  for (const Fact& fact : facts) {
    if (fact.path == path && fact.outer == outer) values.push_back(fact.value);
  }
  return values;
}

bool Extension::SaysTheSameAs(const Extension& other) const {
  return facts == other.facts && selectors == other.selectors && conditions == other.conditions &&
         meta.labels == other.meta.labels && meta.annotations == other.meta.annotations &&
         meta.owners == other.meta.owners && meta.created == other.meta.created && meta.deleted == other.meta.deleted;
}

const LabelSelector* Extension::SelectorAt(std::string_view path, std::uint16_t outer) const {
  for (const Selector& one : selectors) {
    if (one.path == path && one.outer == outer) return &one.selector;
  }
  return nullptr;
}

OptInt Extension::IntAt(std::string_view path) const {
  const std::string_view text = First(path);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && !text.empty() ? OptInt(value) : OptInt();
}

}  // namespace seaworthy
