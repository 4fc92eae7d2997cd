# What is installed where, and the Debian package that CPack makes of it: scripts/package.
include(GNUInstallDirs)
set(debian ${CMAKE_SOURCE_DIR}/packaging/debian)

# The package's version stands in its changelog alone, and must be of the program's.
file(STRINGS ${debian}/changelog latest LIMIT_COUNT 1)
if(NOT latest MATCHES "^tandem \\(([0-9.]+)-([0-9]+)\\) ")
  message(FATAL_ERROR "packaging/debian/changelog: its first line names no version: ${latest}")
endif()
if(NOT CMAKE_MATCH_1 VERSION_EQUAL PROJECT_VERSION)
  message(FATAL_ERROR "packaging/debian/changelog is of ${CMAKE_MATCH_1}, the project of ${PROJECT_VERSION}")
endif()
set(CPACK_DEBIAN_PACKAGE_RELEASE ${CMAKE_MATCH_2})

# Files that are made at installation: by the program itself, or by gzip without name and time.
set(made ${CMAKE_BINARY_DIR}/installed)
install(CODE "
  set(made \"${made}\")
  file(MAKE_DIRECTORY \${made})
  foreach(shell bash zsh fish)
    execute_process(COMMAND \"$<TARGET_FILE:tandem>\" completion \${shell} OUTPUT_FILE \${made}/\${shell} COMMAND_ERROR_IS_FATAL ANY)
  endforeach()
  foreach(pair \"docs/man/tandem.1 tandem.1.gz\" \"docs/man/tandem-pair.yaml.5 tandem-pair.yaml.5.gz\"
    \"docs/man/tandem-operator.yaml.5 tandem-operator.yaml.5.gz\" \"CHANGELOG.md changelog.gz\" \"packaging/debian/changelog changelog.Debian.gz\")
    separate_arguments(pair)
    list(POP_FRONT pair from to)
    execute_process(COMMAND gzip -9nc \"${CMAKE_SOURCE_DIR}/\${from}\" OUTPUT_FILE \${made}/\${to} COMMAND_ERROR_IS_FATAL ANY)
  endforeach()
")

set(examples ${CMAKE_INSTALL_DOCDIR}/examples)
install(FILES manifests/systemd/tandem.service DESTINATION /lib/systemd/system)
install(FILES ${made}/tandem.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${made}/tandem-pair.yaml.5.gz ${made}/tandem-operator.yaml.5.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
install(FILES ${made}/bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME tandem)
install(FILES ${made}/zsh DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions RENAME _tandem)
install(FILES ${made}/fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d RENAME tandem.fish)
install(FILES ${debian}/lintian-overrides DESTINATION ${CMAKE_INSTALL_DATADIR}/lintian/overrides RENAME tandem)
install(FILES README.md SECURITY.md ${debian}/copyright ${made}/changelog.gz ${made}/changelog.Debian.gz
  DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} PATTERN man EXCLUDE)
install(FILES manifests/pair.example.yaml manifests/operator.example.yaml DESTINATION ${examples})
install(DIRECTORY manifests/schema DESTINATION ${examples})
# The pages name them as they lie in the project.
file(MAKE_DIRECTORY ${made})
file(CREATE_LINK examples ${made}/manifests SYMBOLIC)
install(FILES ${made}/manifests DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES manifests/prometheus/prometheus.yaml manifests/prometheus/tandem.rules.yaml manifests/prometheus/alertmanager.yaml
  DESTINATION ${examples}/prometheus)
install(FILES manifests/grafana/tandem-pair.json manifests/grafana/tandem-node.json manifests/grafana/tandem-replication.json
  DESTINATION ${examples}/grafana)

# The one file of ours below /etc: what is declared there is a person's, and no package's. Keys come beside it.
install(DIRECTORY DESTINATION /etc/tandem)
install(DIRECTORY DESTINATION /etc/tandem/ssh DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
install(FILES packaging/etc/ssh-config DESTINATION /etc/tandem/ssh RENAME config)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "Tandem maintainers <maintainers@tandem.ha>")    # stands for yours, as https://tandem.ha/ does

set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_HOMEPAGE https://tandem.ha/)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "keep a Wazo or XiVO pair in its declared high-availability state")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"Tandem runs on both nodes of a telephony pair. On each it compares what one
YAML file declares with what the node is, repairs the difference, and goes on
doing so. It takes over failure detection, takeover, failback and the copy of
database and files from the vendor's cron jobs, and can give them back.

Installing it starts and changes nothing.")
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Beside the libraries: the ssh and rsync of the copy, the unit's kill, and who asks at a removal.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "debconf (>= 0.5) | debconf-2.0, openssh-client, procps, rsync")
# On a node of the vendor's they are there anyway.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "ca-certificates, openssh-server, postgresql-client")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "prometheus")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  ${debian}/conffiles ${debian}/templates ${debian}/postinst ${debian}/prerm ${debian}/postrm)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

# Only the program is needed: `cpack` must not build every test first.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)
include(CPack)
