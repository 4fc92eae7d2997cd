# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # some variables belong to the script that sources this, or to its other pieces
# The images: the base, ours by their Dockerfiles as they are, and a stand-in for Prometheus'.

readonly base=debian:bookworm-slim
readonly pieces=$PWD/scripts/test-container.d

# Both only prepare files, before and beside the engine's start.
begin_compose() {
  docker compose version >/dev/null 2>&1 || begin compose-plugin 180 "$pieces/fetch-compose" "$DOCKER_CONFIG"
}
begin_base() {
  [ -z "$base_tar" ] || return 0
  base_tar=$work/base.tar
  TMPDIR=$work begin base 400 mmdebstrap --variant=minbase \
    --aptopt='Acquire::Check-Valid-Until "false"' --aptopt='Acquire::Check-Date "false"' \
    --aptopt='Acquire::Languages "none"' --aptopt='Acquire::Retries "3"' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt=force-unsafe-io \
    bookworm "$base_tar" "$work/bookworm.list"
}

# labels_are NAME VALUE: of our image.
label_is() { is "$2" "$(docker image inspect -f "{{index .Config.Labels \"org.opencontainers.image.$1\"}}" tandem)"; }

make_images() {
  local revision created size
  step 'base image, Docker engine'
  begin_compose
  scripts/test-container.d/apt-sources bookworm updates >"$work/bookworm.list"
  begin_base
  write_engine_config
  start_engine_for_builds
  [ -z "${jobs[compose-plugin]-}" ] || finish compose-plugin
  [ -z "${jobs[base]-}" ] || finish base
  does import 60 docker import -c 'CMD ["bash"]' "$base_tar" "$base"
  [ "$base_tar" != "$work/base.tar" ] || rm -f "$base_tar"

  step 'build the images'
  revision=$(git rev-parse --short=12 HEAD 2>/dev/null) || revision=unknown
  created=$(date -u +%FT%TZ)
  begin tandem 900 docker build --network host -t tandem \
    --build-arg REVISION="$revision" --build-arg CREATED="$created" .
  begin wazo-sim 900 docker build --network host -t tandem-wazo-sim -f manifests/compose/wazo-sim.Dockerfile .
  begin prometheus 900 docker build --network host -t "$(prometheus_image)" \
    -f "$pieces/prometheus.Dockerfile" "$pieces"
  finish prometheus
  finish wazo-sim
  finish tandem

  step 'the image'
  passes 'its label names the revision' label_is revision "$revision"
  passes 'its label names the time of the build' label_is created "$created"
  passes 'its label names the licence' label_is licenses Apache-2.0
  passes 'its label names the base' label_is base.name "docker.io/library/$base"
  docker run --rm --network none --read-only --cap-drop ALL tandem version -o json >"$work/version" ||
    die 'it does not run without capabilities and network'
  passes 'the program in it is of this revision' is "$revision" "$(jq -r .revision "$work/version")"
  passes "its label names the program's version" label_is version "$(jq -r .version "$work/version")"
  size=$(docker image inspect -f '{{.Size}}' tandem)
  image_size=$((size / 1000000))MB
}
# As the compose file names it.
prometheus_image() { sed -n 's/^ *image: *\(prom\/.*\)/\1/p' manifests/compose.yaml; }
