# Two stages: build on Debian 12; a slim image with the one program and the libraries it needs.
#
#   docker build -t tandem --build-arg REVISION="$(git rev-parse --short=12 HEAD)" .
#
# As a compose file: manifests/compose.node.yaml; why each option, and a pair to try: docs/container.md.
#
# The operator keeps the files of its host, so it runs as root (uid 0) in the host's network and sees the
# host's folders below /host. It needs four capabilities and no more, and a read-only root file system:
#
#   docker run -d --name tandem --network host --read-only \
#     --cap-drop ALL --cap-add DAC_OVERRIDE --cap-add CHOWN --cap-add FOWNER --cap-add NET_RAW \
#     --security-opt no-new-privileges --restart unless-stopped --stop-timeout 30 \
#     -v /etc/tandem:/etc/tandem -v /var/lib/tandem:/var/lib/tandem \
#     -v /etc/xivo:/host/etc/xivo -v /etc/cron.d:/host/etc/cron.d -v /var/lib/wazo:/host/var/lib/wazo \
#     -v /var/lib/wazo-provd/jsondb:/host/var/lib/wazo-provd/jsondb:ro -v /root/.ssh:/host/root/.ssh:ro \
#     -v /var/lib/dpkg:/host/var/lib/dpkg:ro -v /run/tandem:/host/run/tandem -v /run/dbus:/host/run/dbus tandem
#
# - XiVO has no /var/lib/wazo markers: leave that mount out there, or the engine makes an empty folder.
# - Mount folders, never single files: files are replaced by rename, which a mounted file does not follow.
# - /etc/tandem holds pair.yaml, operator.yaml, credentials.yaml (0600) and the token that is made at the
#   first start. No secret is in the image, none is given by the environment.
# - /host/run/dbus is the host's system bus: the states of its units are read there, and the vendor's commands
#   run on the host as transient units of its systemd, not in here.
# - /host/run/tandem holds the lock by which a second operator on this host ends at once.
# - on-failure would not start it after an orderly reboot: it had ended with 0. Stopping takes up to 13 s.
# - TANDEM_ROOT=/host is set below and wins over `root` in operator.yaml; nothing else is preset.
# - The vendor's services are asked at 127.0.0.1, hence --network host; AddressIsOurs wants it too.

FROM debian:bookworm-slim AS build
WORKDIR /src
COPY scripts/install-deps scripts/install-deps
RUN scripts/install-deps build && rm -rf /var/lib/apt/lists/*
COPY . .
ARG REVISION=unknown
RUN TANDEM_REVISION="$REVISION" cmake --preset release -DBUILD_TESTING=OFF \
 && CCACHE_DISABLE=1 cmake --build --preset release --target tandem \
 && install -D -s -m 0755 build/release/tandem /image/usr/bin/tandem \
 && install -D -m 0644 LICENSE /image/usr/share/doc/tandem/copyright

FROM debian:bookworm-slim
# What `ldd` shows of the program; the rest comes as dependencies of these.
RUN apt-get -o DPkg::Lock::Timeout=580 update -q \
 && DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=580 install -y -q --no-install-recommends \
      ca-certificates libcpprest2.10 libfmt9 libpqxx-6.4 libprometheus-cpp-core1.0 libsdbus-c++1 libsqlite3-0 libssl3 libstdc++6 libsystemd0 \
      libyaml-cpp0.7 openssh-client rsync \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /image/ /

ARG REVISION=unknown
ARG CREATED=unknown
LABEL org.opencontainers.image.title="tandem" \
      org.opencontainers.image.description="Reconciling high-availability operator for Wazo and XiVO pairs" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.created="$CREATED" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.base.name="docker.io/library/debian:bookworm-slim"

ENV TANDEM_ROOT=/host
# On the host's loopback, where orders are taken; metrics are there too.
EXPOSE 9877
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=3 CMD ["/usr/bin/tandem", "health"]
ENTRYPOINT ["/usr/bin/tandem"]
CMD ["run"]
