# TANDEM_GROUPED: compiles the sources of a target in groups, each read by the compiler as one. Every header is
# then read and instantiated once a group, and a build from nothing takes half the time. Who works on one source for
# long switches it off: cmake --preset release -DTANDEM_GROUPED=OFF.
option(TANDEM_GROUPED "Compile sources in groups" OFF)
if(NOT TANDEM_GROUPED)
  return()
endif()
find_program(TANDEM_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH REQUIRED)
set(TANDEM_GROUP_MAX 16)
# What is local to a source is no stranger's any more.
target_compile_options(tandem_flags INTERFACE -Wno-shadow -Wno-subobject-linkage)

# tandem_sources_in(DIRECTORY): a line "target directory source" for each source that can be in a group, in `lines`.
function(tandem_sources_in directory)
  get_property(targets DIRECTORY ${directory} PROPERTY BUILDSYSTEM_TARGETS)
  foreach(target IN LISTS targets)
    get_target_property(type ${target} TYPE)
    if(NOT type MATCHES "^(STATIC_LIBRARY|EXECUTABLE)$")
      continue()
    endif()
    get_target_property(names ${target} SOURCES)
    foreach(name IN LISTS names)
      get_filename_component(path "${name}" ABSOLUTE BASE_DIR ${directory})
      string(FIND "${path}" "${CMAKE_BINARY_DIR}/" generated)    # 0: the build makes it, later perhaps
      if(path MATCHES "\\.cc$" AND NOT generated EQUAL 0)
        string(APPEND lines "${target}:${directory} ${path}\n")
        set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${path}")
      endif()
    endforeach()
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  endforeach()
  get_property(folders DIRECTORY ${directory} PROPERTY SUBDIRECTORIES)
  foreach(folder IN LISTS folders)
    tandem_sources_in(${folder})
  endforeach()
  set(lines "${lines}" PARENT_SCOPE)
endfunction()

set(lines "")
set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/cmake/source_groups.py)
tandem_sources_in(${CMAKE_SOURCE_DIR})
file(WRITE ${CMAKE_BINARY_DIR}/groups.txt "${lines}")
execute_process(COMMAND ${TANDEM_PYTHON} ${CMAKE_SOURCE_DIR}/cmake/source_groups.py ${TANDEM_GROUP_MAX}
  INPUT_FILE ${CMAKE_BINARY_DIR}/groups.txt OUTPUT_VARIABLE lines COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^\n]+" lines "${lines}")
foreach(line IN LISTS lines)
  string(REGEX MATCH "^([^:]+):([^ ]+) ([0-9]+) (.*)$" _ "${line}")
  set_source_files_properties("${CMAKE_MATCH_4}" DIRECTORY ${CMAKE_MATCH_2}
    PROPERTIES UNITY_GROUP ${CMAKE_MATCH_1}_${CMAKE_MATCH_3})
endforeach()
