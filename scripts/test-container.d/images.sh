# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # some variables belong to the script that sources this, or to its other pieces
# The images: the base, ours by their Dockerfiles as they are, and a stand-in for Prometheus'.

readonly base=debian:bookworm-slim
readonly pieces=$PWD/scripts/test-container.d

# Both only prepare files, before and beside the engine's start.
begin_compose() {
  docker compose version >/dev/null 2>&1 || begin compose-plugin 600 "$pieces/fetch-compose" "$DOCKER_CONFIG"
}
begin_base() {
  [ -z "$base_tar" ] || return 0
  base_tar=$work/base.tar
  TMPDIR=$work begin base 1200 mmdebstrap --variant=minbase \
    --aptopt='Acquire::Check-Valid-Until "false"' --aptopt='Acquire::Check-Date "false"' \
    --aptopt='Acquire::Languages "none"' --aptopt='Acquire::Retries "3"' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt=force-unsafe-io \
    bookworm "$base_tar" "$work/bookworm.list"
}

# What this machine's release build has compiled already; without such a build the image's own compiles everything.
readonly compiled=$PWD/build/image
begin_compiled() {
  if [ -e build/release/tandem ] && command -v ccache >/dev/null; then begin compiled 1800 "$pieces/collect-compiled" "$compiled"; fi
}
hand_on_compiled() {
  [ -n "${jobs[compiled]-}" ] || return 0
  finish compiled
  does hand-on 300 docker build --network none -f "$pieces/compiled.Dockerfile" "$compiled/ccache"
  rm -rf "$compiled"
}
# As ccache counted in the image's build.
count_compiled() { # Hits|Misses
  sed -nE "s/^#[0-9]+ [0-9.]+ +$1: +([0-9]+) .*/\1/p" "$work/tandem.log" | head -n 1
}

# label_is NAME VALUE: of our image.
label_is() { is "$2" "$(docker image inspect -f "{{index .Config.Labels \"org.opencontainers.image.$1\"}}" tandem)"; }

make_images() {
  step 'base image, Docker engine'
  begin_compose
  scripts/test-container.d/apt-sources bookworm updates >"$work/bookworm.list"
  begin_base
  begin_compiled
  write_engine_config
  start_engine_for_builds
  [ -z "${jobs[compose-plugin]-}" ] || finish compose-plugin
  [ -z "${jobs[base]-}" ] || finish base
  does import 300 docker import -c 'CMD ["bash"]' "$base_tar" "$base"
  [ "$base_tar" != "$work/base.tar" ] || rm -f "$base_tar"

  hand_on_compiled

  step 'build the images'
  created=$(date -u +%FT%TZ)
  begin tandem 3600 docker build --network host -t tandem \
    --build-arg REVISION="$(revision)" --build-arg CREATED="$created" --build-arg LANG="${LANG-}" .
  begin wazo-sim 1800 docker build --network host -t tandem-wazo-sim -f manifests/compose/wazo-sim.Dockerfile .
  begin prometheus 1800 docker build --network host -t "$(prometheus_image)" \
    -f "$pieces/prometheus.Dockerfile" "$pieces"
  finish prometheus
  finish wazo-sim
  begin node 1800 docker build --network host -t tandem-node -f "$pieces/node.Dockerfile" "$pieces"
  finish node
  finish tandem
  compile_counts="$(count_compiled Misses) files compiled in its build, $(count_compiled Hits) before"
  look_at_image
}
revision() { git rev-parse --short=12 HEAD 2>/dev/null || echo unknown; }

readonly room=60000000    # bytes that our image may have over its base
look_at_image() {
  step 'the image'
  passes 'its label names the revision' label_is revision "$(revision)"
  passes 'its label names the time of the build' label_is created "$created"
  passes 'its label names the licence' label_is licenses Apache-2.0
  passes 'its label names the base' label_is base.name "docker.io/library/$base"
  passes 'it has every label that OCI asks for' has_all_labels
  docker run --rm --network none --read-only --cap-drop ALL tandem version -o json >"$work/version" ||
    die 'it does not run without capabilities and network'
  passes 'the program in it is of this revision' is "$(revision)" "$(jq -r .revision "$work/version")"
  passes "its label names the program's version" label_is version "$(jq -r .version "$work/version")"
  passes 'its health check is the program itself' is '["CMD","/usr/bin/tandem","health"]' \
    "$(docker image inspect -f '{{json .Config.Healthcheck.Test}}' tandem)"
  passes 'it has no compiler, no header, no tool of a build' has_no_compiler
  passes 'its list of packages is that of dpkg, in SPDX 2.3' has_sbom
  image_size=$(($(size_of tandem) / 1000000))MB over=$((($(size_of tandem) - $(size_of "$base")) / 1000000))
  passes "it has ${over} MB over its base, at most $((room / 1000000))" [ "$over" -le $((room / 1000000)) ]
}
size_of() { docker image inspect -f '{{.Size}}' "$1"; }
in_image() { docker run --rm -i --network none --read-only --cap-drop ALL --entrypoint /bin/sh tandem -c "$1"; }
has_all_labels() {
  docker image inspect -f '{{json .Config.Labels}}' tandem | jq -e '
    [("created", "authors", "url", "documentation", "source", "version", "revision", "vendor", "licenses", "title",
      "description", "base.name") as $name | .["org.opencontainers.image." + $name] // ""] | all(. != "" and . != "unknown")'
}
has_no_compiler() {
  # shellcheck disable=SC2016    # expanded by the inner shell
  in_image 'for one in cc gcc g++ c++ cpp as ld make cmake ninja ccache git curl wget; do ! command -v "$one" || exit 1; done
    [ ! -e /usr/include/c++ ] && [ ! -e /src ] && ! ls /usr/lib/gcc/*/*/cc1plus 2>/dev/null'
}
# shellcheck disable=SC2016    # dpkg's own words
# Every package once, each with what SPDX asks for, and all of them said to be part of the program's image.
has_sbom() {
  in_image 'cat /usr/share/doc/tandem/sbom.spdx.json' >"$work/sbom" &&
    in_image 'dpkg-query -W -f "\${Package} \${Version}\n"' | sort >"$work/packages" &&
    jq -r '.packages[] | select(.name != "tandem") | .name + " " + .versionInfo' "$work/sbom" | sort |
    diff - "$work/packages" && jq -e --arg created "$created" '
      .spdxVersion == "SPDX-2.3" and .dataLicense == "CC0-1.0" and .SPDXID == "SPDXRef-DOCUMENT" and
      (.documentNamespace | test("^https://[^#]+$")) and .creationInfo.created == $created and
      (.creationInfo.creators | length) == 1 and
      ([.packages[].SPDXID] | length == (unique | length)) and
      all(.packages[]; (.SPDXID | test("^SPDXRef-[A-Za-z0-9.-]+$")) and .name != "" and .downloadLocation == "NOASSERTION" and
        (.externalRefs[0].referenceLocator | test("^pkg:(deb/debian|generic)/[^ +]+@[^ +@]+")) ) and
      ([.packages[].SPDXID] - [.relationships[] | .spdxElementId, .relatedSpdxElement] | length) == 0 and
      any(.relationships[]; .relationshipType == "DESCRIBES" and .relatedSpdxElement == "SPDXRef-tandem")' >/dev/null
}
# As the compose file names it.
prometheus_image() { sed -n 's/^ *image: *\(prom\/.*\)/\1/p' manifests/compose.yaml; }
