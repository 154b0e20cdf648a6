#include "checks/common/datastores.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "checks/common/image_reference.h"
#include "checks/common/replicas.h"
#include "checks/common/repository_index.h"

namespace seaworthy::checks {
namespace {

static_assert(std::size(kDatastores) < 255, "ExporterFor answers in a byte");

std::string_view Repository(const Container& container) {
  const std::optional<ImageReference> reference = ParseImageReference(container.image);
  return reference ? reference->repository : std::string_view();
}

std::string_view LastPart(std::string_view repository) {
  const std::size_t slash = repository.rfind('/');
  return slash == std::string_view::npos ? repository : repository.substr(slash + 1);
}

// `image` without the "*" that it ends in.
bool BeginsAs(std::string_view repository, std::string_view image) {
  const std::size_t last = repository.size() - LastPart(repository).size();
  // With an organisation before it ("apache/activemq*"), that one too.
  const std::size_t parts = static_cast<std::size_t>(std::count(image.begin(), image.end(), '/'));
  std::size_t begin = last;
  for (std::size_t i = 0; i < parts; ++i) {
    if (begin == 0) return false;
    const std::size_t slash = begin >= 2 ? repository.rfind('/', begin - 2) : std::string_view::npos;
    begin = slash == std::string_view::npos ? 0 : slash + 1;
  }
  return repository.substr(begin).starts_with(image);
}

// Where their images stand in kDatastores, those with a "*" on their own.
struct DatastoreImages {
  RepositoryIndex ends;
  std::vector<std::pair<std::string_view, std::size_t>> beginnings;

  static const DatastoreImages& All() {
    static const DatastoreImages all = [] {
      DatastoreImages made;
      for (std::size_t i = 0; i < std::size(kDatastores); ++i) {
        for (const std::string_view image : kDatastores[i].images) {
          if (image.ends_with('*')) {
            made.beginnings.emplace_back(image.substr(0, image.size() - 1), i);
          } else {
            made.ends.Add(image, i);
          }
        }
      }
      return made;
    }();
    return all;
  }
};

bool IsExporterOf(std::string_view repository, const Datastore& datastore) {
  if (repository.empty()) return false;
  std::string last(LastPart(repository));
  std::replace(last.begin(), last.end(), '_', '-');
  return std::any_of(std::begin(datastore.exporters), std::end(datastore.exporters), [&](std::string_view exporter) {
    return !exporter.empty() && last.find(exporter) != std::string::npos;
  });
}

}  // namespace

SeenDatastore FindDatastore(const PodSpec& spec) {
  for (const Container& container : spec.containers) {
    if (container.role != ContainerRole::kMain) continue;
    const std::string_view repository = Repository(container);
    // Later entries are more special (an operator's images of the same database).
    const DatastoreImages& known = DatastoreImages::All();
    std::ptrdiff_t best = known.ends.FindLast(repository);
    for (const auto& [image, number] : known.beginnings) {
      if (BeginsAs(repository, image)) best = std::max(best, static_cast<std::ptrdiff_t>(number));
    }
    if (best >= 0) return {&kDatastores[best], &container};
  }
  return {};
}

const SeenDatastore& FindDatastore(const Context& context) {
  return context.Once<SeenDatastore>([&] { return FindDatastore(context.spec()); });
}

bool Exports(const Container& container, const Datastore& datastore) {
  return IsExporterOf(Repository(container), datastore);
}

std::uint8_t ExporterFor(const Workload& workload) {
  if (workload.spec == nullptr || ScaledToZero(workload)) return 0;
  for (const Container& container : workload.spec->containers) {
    if (container.role != ContainerRole::kMain) continue;
    const std::string_view repository = Repository(container);
    // Nearly every workload ends here.
    const std::string_view last = LastPart(repository);
    constexpr std::string_view kSigns[] = {"exporter",       "pmm-client", "pgmonitor", "kminion",
                                           "jmx-prometheus", "metricbeat", "mcac",      "solr"};
    if (std::none_of(std::begin(kSigns), std::end(kSigns),
                     [&](std::string_view sign) { return last.find(sign) != std::string_view::npos; }))
      continue;
    for (std::size_t i = 0; i < std::size(kDatastores); ++i) {
      if (IsExporterOf(repository, kDatastores[i])) return static_cast<std::uint8_t>(i + 1);
    }
  }
  return 0;
}

}  // namespace seaworthy::checks
