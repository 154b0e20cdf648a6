# SEAWORTHY_SANITIZE=address,undefined or thread; the suppressions for uninstrumented libraries are in tests/sanitizers/.
add_library(seaworthy_sanitizers INTERFACE)
set(SEAWORTHY_TEST_SECONDS 300) # that one test may take
if(SEAWORTHY_SANITIZE)
  set(SEAWORTHY_TEST_SECONDS 1800)
  # vptr: false positives through libcpprest's uninstrumented stream buffers.
  set(flags -fsanitize=${SEAWORTHY_SANITIZE} -fno-omit-frame-pointer)
  if(SEAWORTHY_SANITIZE MATCHES "undefined")
    list(APPEND flags -fno-sanitize=vptr -fno-sanitize-recover=undefined)
  endif()
  if(SEAWORTHY_SANITIZE MATCHES "thread")
    # Boost.Asio's fences are invisible to TSan, and g++ says so as an error; without fenced blocks it uses mutexes.
    list(APPEND flags -Wno-tsan)
    target_compile_definitions(seaworthy_sanitizers INTERFACE BOOST_ASIO_DISABLE_FENCED_BLOCK)
  endif()
  target_compile_options(seaworthy_sanitizers INTERFACE ${flags})
  target_link_options(seaworthy_sanitizers INTERFACE ${flags})
endif()
if(SEAWORTHY_FUZZ)
  target_compile_options(seaworthy_sanitizers INTERFACE -fsanitize=fuzzer-no-link)
endif()
