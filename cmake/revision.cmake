# TANDEM_REVISION, for `tandem version` and tandem_build_info: from the environment in an image build, else
# from git, else "unknown" (an unpacked archive).
if(DEFINED ENV{TANDEM_REVISION})
  set(TANDEM_REVISION "$ENV{TANDEM_REVISION}")
else()
  execute_process(COMMAND git -C ${CMAKE_SOURCE_DIR} rev-parse --short=12 HEAD
    OUTPUT_VARIABLE TANDEM_REVISION OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(NOT TANDEM_REVISION)
  set(TANDEM_REVISION "unknown")
endif()
