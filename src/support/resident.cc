#include "support/resident.h"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

namespace seaworthy::support {
namespace {

// Segments that nothing is ever written to hold nothing but the file: code, constants. Those with relocations are
// writable ones (RELRO), and left alone.
int DropCleanSegments(dl_phdr_info* info, std::size_t, void* page_size) {
  const std::uintptr_t page = *static_cast<const std::uintptr_t*>(page_size);
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
    const std::uintptr_t begin = (info->dlpi_addr + segment.p_vaddr) & ~(page - 1);
    const std::uintptr_t end = (info->dlpi_addr + segment.p_vaddr + segment.p_filesz) & ~(page - 1);
    // NOLINTNEXTLINE(performance-no-int-to-ptr): addresses as the loader tells them
    if (end > begin) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
  }
  return 0;
}

}  // namespace

void LimitArenas() { mallopt(M_ARENA_MAX, 2); }

void GiveBackStartMemory() {
  malloc_trim(0);
  std::uintptr_t page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  dl_iterate_phdr(DropCleanSegments, &page);
}

}  // namespace seaworthy::support
