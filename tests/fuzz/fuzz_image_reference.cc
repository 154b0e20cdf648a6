// Image references: the parts are parts of the text, and put together again they are the same image.
#include "checks/common/image_reference.h"
#include "fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace seaworthy;
  const std::string_view text = fuzz::Text(data, size);
  const std::string_view digest = checks::DigestOfImageId(text);
  fuzz::Require(digest.size() <= size, "a digest within the image id");
  const std::optional<checks::ImageReference> image = checks::ParseImageReference(text);
  if (!image) return 0;
  fuzz::Require(!image->registry.empty() && !image->repository.empty(), "a registry and a path", text);
  fuzz::Require(text.find(image->repository) != std::string_view::npos, "a path within the text", text);
  fuzz::Require(image->tag.empty() || text.find(":" + std::string(image->tag)) != std::string_view::npos,
                "a tag within the text", text);
  const std::string canonical = image->Canonical();
  const std::optional<checks::ImageReference> again = checks::ParseImageReference(canonical);
  fuzz::Require(again && again->Canonical() == canonical, "canonical is canonical", canonical);
  fuzz::Require(again->Name() == image->Name() && again->registry == image->registry, "the same image", canonical);
  fuzz::Require(again->digest == image->digest, "the same digest", canonical);
  return 0;
}
