# tandem_flags: how every target of ours is compiled.
set(TANDEM_SANITIZE "" CACHE STRING "address (with undefined), thread or fuzz; empty for none")
set_property(CACHE TANDEM_SANITIZE PROPERTY STRINGS "" address thread fuzz)

add_library(tandem_flags INTERFACE)
target_include_directories(tandem_flags INTERFACE ${CMAKE_SOURCE_DIR})
# The last two are what Boost's and fmt's own targets define: the same for all, so that one precompiled
# header serves all.
target_compile_definitions(tandem_flags INTERFACE _TURN_OFF_PLATFORM_STRING BOOST_ALL_NO_LIB FMT_SHARED)
target_compile_options(tandem_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror
  $<$<CXX_COMPILER_ID:GNU>:-Wno-mismatched-new-delete>    # a false alarm in Asio's coroutine frames
  $<$<CXX_COMPILER_ID:GNU>:-Wno-stringop-overflow -Wno-array-bounds -Wno-restrict>)    # and of g++ 12 in std::string (PR 105329, 105651)
target_link_libraries(tandem_flags INTERFACE Threads::Threads)

# For size: what it costs at rest is pages of its program, and nothing of it computes for long.
set(CMAKE_CXX_FLAGS_RELEASE "-Os -DNDEBUG")
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_definitions(tandem_flags INTERFACE _FORTIFY_SOURCE=2)
  target_compile_options(tandem_flags INTERFACE -fstack-protector-strong)
  target_link_options(tandem_flags INTERFACE -Wl,-z,relro,-z,now)
endif()

if(TANDEM_SANITIZE)
  target_compile_definitions(tandem_flags INTERFACE TANDEM_SANITIZED)
endif()
if(TANDEM_SANITIZE STREQUAL "address")
  # vptr misreads types that cross libcpprest.so. The other three take a third of the compile time, and what
  # they find AddressSanitizer finds as well, or x86 does not mind.
  target_compile_options(tandem_flags INTERFACE -O0 -fno-omit-frame-pointer
    -fsanitize=address,undefined -fno-sanitize=vptr,null,object-size,alignment -fno-sanitize-recover=undefined)
  target_link_options(tandem_flags INTERFACE -fsanitize=address,undefined)
elseif(TANDEM_SANITIZE STREQUAL "thread")
  target_compile_options(tandem_flags INTERFACE -O0 -fno-omit-frame-pointer -fsanitize=thread
    $<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)
  target_link_options(tandem_flags INTERFACE -fsanitize=thread)
elseif(TANDEM_SANITIZE STREQUAL "fuzz")
  target_compile_options(tandem_flags INTERFACE -O1 -fno-omit-frame-pointer
    -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize=vptr,null,object-size,alignment -fno-sanitize-recover=undefined)
  target_link_options(tandem_flags INTERFACE -fsanitize=address,undefined)
elseif(TANDEM_SANITIZE)
  message(FATAL_ERROR "TANDEM_SANITIZE must be empty, address, thread or fuzz, not '${TANDEM_SANITIZE}'")
endif()

if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # -w: the compiler's own warnings are g++'s business. Boost 1.74 does not know that clang has coroutines. ccache
  # knows a precompiled header by what is in it.
  target_compile_definitions(tandem_flags INTERFACE BOOST_ASIO_HAS_CO_AWAIT=1 BOOST_ASIO_HAS_STD_COROUTINE=1)
  target_compile_options(tandem_flags INTERFACE -w "SHELL:-Xclang -fno-pch-timestamp")
endif()

# clang 14 reads Asio's coroutines only with this header before all others (tidy and query, never a build).
set(TANDEM_CLANG14_HEADER ${CMAKE_SOURCE_DIR}/cmake/clang14_coroutines.h)

# tandem_layer(NAME SOURCES... LINK TARGETS... [PLAIN]): the library of a folder, sharing one precompiled
# header; PLAIN is without it, for a library whose own definitions would void the header.
function(tandem_layer name)
  cmake_parse_arguments(LAYER "PLAIN" "" "SOURCES;LINK;PRIVATE_LINK" ${ARGN})
  add_library(${name} STATIC ${LAYER_SOURCES})
  target_link_libraries(${name} PUBLIC tandem_flags ${LAYER_LINK} PRIVATE ${LAYER_PRIVATE_LINK})
  if(LAYER_PLAIN)
    return()
  endif()
  if(TARGET tandem_core AND NOT name STREQUAL tandem_core)
    target_precompile_headers(${name} REUSE_FROM tandem_core)
  else()
    target_precompile_headers(${name} PRIVATE ${CMAKE_SOURCE_DIR}/cmake/precompiled.h)
  endif()
endfunction()
