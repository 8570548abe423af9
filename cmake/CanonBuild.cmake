# SPDX-License-Identifier: MIT
# Flags that every target gets, and canon_plugin(): one source list, built into libcanon and as a loadable module.

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug, Release, RelWithDebInfo" FORCE)
endif()
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)

# On s390x, gcc in ISO C computes with floats as doubles unless told that it need not. core/numerics/kernels.h refuses that.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^s390" AND CMAKE_C_COMPILER_ID STREQUAL GNU)
  add_compile_options(-fexcess-precision=fast)
endif()

# A fused multiply-add is a different number: none, anywhere, unless the source says fma().
add_compile_options(-ffp-contract=off -fno-fast-math -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes
  -Wmissing-prototypes -Wvla -Wundef -Wcast-qual -Wwrite-strings -Wpointer-arith)
add_compile_definitions(_GNU_SOURCE _FILE_OFFSET_BITS=64)
if(CANON_WERROR)
  add_compile_options(-Werror)
endif()
if(CANON_SANITIZE)
  add_compile_options(-fsanitize=${CANON_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${CANON_SANITIZE})
  # GCC's bug 110027: frames that AddressSanitizer keeps for use-after-return are aligned to 32 bytes, vectors to 64.
  if(CMAKE_C_COMPILER_ID STREQUAL GNU)
    set(CANON_ALIGNED_FRAMES --param=asan-use-after-return=0)
  endif()
else()
  add_link_options(-Wl,--no-undefined)
endif()

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(CRYPTO REQUIRED IMPORTED_TARGET libcrypto)
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)
pkg_check_modules(DEFLATE REQUIRED IMPORTED_TARGET libdeflate)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)

set(CANON_HEADERS ${PROJECT_SOURCE_DIR}/core/include)
set_property(GLOBAL PROPERTY CANON_PLUGINS "")

# canon_plugin(NAME SOURCES a.c b.c [LIBRARIES PkgConfig::X ...])
# A plugin sees the public headers and its own folder (and formats/common, plugins/common by relative include); nothing of core.
function(canon_plugin name)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBRARIES" ${ARGN})
  string(MAKE_C_IDENTIFIER ${name} id)

  add_library(builtin-${name} OBJECT ${arg_SOURCES})
  target_compile_definitions(builtin-${name} PRIVATE CANON_BUILTIN_ENTRY=canon_builtin_${id})
  target_include_directories(builtin-${name} PRIVATE ${CANON_HEADERS} ${PROJECT_SOURCE_DIR})
  target_link_libraries(builtin-${name} PUBLIC ${arg_LIBRARIES})

  add_library(canon-${name} MODULE ${arg_SOURCES})
  set_target_properties(canon-${name} PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/plugins)
  target_include_directories(canon-${name} PRIVATE ${CANON_HEADERS} ${PROJECT_SOURCE_DIR})
  target_link_libraries(canon-${name} PRIVATE ${arg_LIBRARIES})
  # libcanon has them built in; as modules they are put down on request: cmake --install BUILD --component plugins
  install(TARGETS canon-${name} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/canon/plugins COMPONENT plugins EXCLUDE_FROM_ALL)

  set_property(GLOBAL APPEND PROPERTY CANON_PLUGINS ${name})
endfunction()

# libcanon: core, the built-in plugins, and the generated list of their entries.
function(canon_library)
  get_property(plugins GLOBAL PROPERTY CANON_PLUGINS)
  set(declarations "")
  set(entries "")
  foreach(name IN LISTS plugins)
    string(MAKE_C_IDENTIFIER ${name} id)
    string(APPEND declarations "const canon_plugin *canon_builtin_${id}(void);\n")
    string(APPEND entries "    canon_builtin_${id},\n")
  endforeach()
  configure_file(${PROJECT_SOURCE_DIR}/core/host/builtin.c.in ${PROJECT_BINARY_DIR}/builtin.c @ONLY)

  # The objects once, for the shared library and for the tests, which also see what is hidden.
  add_library(canon_objects INTERFACE)
  foreach(name IN LISTS plugins)
    target_link_libraries(canon_objects INTERFACE builtin-${name})
    target_sources(canon_objects INTERFACE $<TARGET_OBJECTS:builtin-${name}>)
  endforeach()
  target_link_libraries(canon_objects INTERFACE canon_core)
  target_sources(canon_objects INTERFACE $<TARGET_OBJECTS:canon_core> ${PROJECT_BINARY_DIR}/builtin.c)
  target_include_directories(canon_objects INTERFACE ${CANON_HEADERS} ${PROJECT_SOURCE_DIR})

  add_library(libcanon SHARED)
  target_link_libraries(libcanon PRIVATE canon_objects)
  target_include_directories(libcanon INTERFACE $<BUILD_INTERFACE:${CANON_HEADERS}> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  set_target_properties(libcanon PROPERTIES OUTPUT_NAME canon VERSION ${PROJECT_VERSION} SOVERSION 0)
  set_target_properties(libcanon PROPERTIES EXPORT_NAME canon)
  canon_install()
endfunction()

# What `cmake --install` puts down besides the program: the library, its headers, and how to find both.
function(canon_install)
  include(CMakePackageConfigHelpers)
  set(CANON_INSTALL_PLUGINS_DIR ${CMAKE_INSTALL_LIBDIR}/canon/plugins)
  set(package ${CMAKE_INSTALL_LIBDIR}/cmake/canon)

  add_library(canon_plugin INTERFACE)
  set_target_properties(canon_plugin PROPERTIES EXPORT_NAME plugin)
  target_include_directories(canon_plugin INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)

  install(TARGETS libcanon canon_plugin EXPORT canonTargets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(DIRECTORY ${CANON_HEADERS}/canon DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  install(EXPORT canonTargets NAMESPACE canon:: DESTINATION ${package})
  configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/CanonConfig.cmake.in ${PROJECT_BINARY_DIR}/canonConfig.cmake
    INSTALL_DESTINATION ${package} PATH_VARS CANON_INSTALL_PLUGINS_DIR)
  write_basic_package_version_file(${PROJECT_BINARY_DIR}/canonConfigVersion.cmake COMPATIBILITY SameMinorVersion)
  install(FILES ${PROJECT_BINARY_DIR}/canonConfig.cmake ${PROJECT_BINARY_DIR}/canonConfigVersion.cmake DESTINATION ${package})

  # Relative to the file itself, so that the tree may be installed elsewhere or moved; absolute folders stay what they are.
  file(RELATIVE_PATH pc_prefix ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
  cmake_path(SET pc_libdir "\${prefix}")
  cmake_path(APPEND pc_libdir ${CMAKE_INSTALL_LIBDIR})
  cmake_path(SET pc_includedir "\${prefix}")
  cmake_path(APPEND pc_includedir ${CMAKE_INSTALL_INCLUDEDIR})
  configure_file(${PROJECT_SOURCE_DIR}/cmake/canon.pc.in ${PROJECT_BINARY_DIR}/canon.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/canon.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()
