# Every warning is an error in our own code; a reason stands beside each that is not in -Wall -Wextra.
add_library(seaworthy_warnings INTERFACE)
target_compile_options(seaworthy_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Werror
  -Wshadow              # a hidden name is a misread name
  -Wconversion          # sizes and quantities come from strangers: no silent narrowing
  -Wnon-virtual-dtor    # interfaces are deleted through their base
  -Woverloaded-virtual  # an override that does not override
  -Wnull-dereference
  -Wimplicit-fallthrough
  $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond -Wlogical-op>
  # g++ 12 reports false positives of these inside std::string and std::vector when it inlines at -O2 (GCC bugs 105329, 105562).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict -Wno-maybe-uninitialized -Wno-null-dereference -Wno-stringop-overflow -Wno-array-bounds>
  # What libstdc++ 12 itself calls inside std::stable_sort is deprecated to clang; g++ still looks at our own calls.
  $<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations>
  # Designated initialisers leave the rest at its default on purpose: a Check names the fields it has.
  -Wno-missing-field-initializers)
# cpprest's macro U(x) breaks fmt's templates.
target_compile_definitions(seaworthy_warnings INTERFACE _TURN_OFF_PLATFORM_STRING)
