# Every library comes from Debian 12; scripts/install-deps names the packages.
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)    # cpprest's headers call it, its CMake target does not pass it on
find_package(Boost 1.74 REQUIRED COMPONENTS system filesystem)    # EXACT would break cpprestsdk
find_package(cpprestsdk REQUIRED)
find_package(yaml-cpp 0.7 REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED)    # has no version file
find_package(fmt 9 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(CLI11 2.1 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(systemd REQUIRED IMPORTED_TARGET libsystemd)
pkg_check_modules(pqxx REQUIRED IMPORTED_TARGET libpqxx)    # 6.4.5 has no CMake package
pkg_check_modules(pq REQUIRED IMPORTED_TARGET libpq)
find_package(ZLIB REQUIRED)
pkg_check_modules(sqlite REQUIRED IMPORTED_TARGET sqlite3)
find_package(sdbus-c++ 1.2 REQUIRED)
