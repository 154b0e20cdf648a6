# Flags of what is shipped: fortified, no executable stack or writable GOT, and the same bits from any checkout folder.
add_library(seaworthy_hardening INTERFACE)
target_compile_options(seaworthy_hardening INTERFACE
  -fstack-protector-strong -ffile-prefix-map=${CMAKE_SOURCE_DIR}=. -ffile-prefix-map=${CMAKE_BINARY_DIR}=build
  $<$<CONFIG:Release,RelWithDebInfo>:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3>)
target_compile_definitions(seaworthy_hardening INTERFACE _GLIBCXX_ASSERTIONS)
target_link_options(seaworthy_hardening INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack)
