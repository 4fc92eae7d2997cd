# Two stages: build on Debian 12; a slim image with the one program and the libraries it needs.
#
#   docker build -t tandem --build-arg REVISION="$(git rev-parse --short=12 HEAD)" .
#
# How it is run, and why with each option: docs/container.md. It keeps the files of its host, so it runs as root
# (uid 0) in the host's network, with four capabilities and no more and a read-only root file system, and sees the
# host's folders below /host. No secret is in the image, none is given by the environment.

FROM debian:bookworm-slim AS build
WORKDIR /src
COPY scripts/install-deps scripts/install-deps
RUN scripts/install-deps build && rm -rf /var/lib/apt/lists/*
COPY . .
ARG REVISION=unknown
# The engine keeps what was compiled, so that a second build compiles what has changed. The language counts there.
ARG LANG=C.UTF-8
ENV CCACHE_DIR=/ccache
RUN --mount=type=cache,id=tandem-ccache,target=/ccache \
    TANDEM_REVISION="$REVISION" cmake --preset release -DBUILD_TESTING=OFF \
 && ccache --zero-stats && cmake --build --preset release --target tandem && ccache --show-stats \
 && install -D -s -m 0755 build/release/tandem /image/usr/bin/tandem \
 && install -D -m 0644 LICENSE /image/usr/share/doc/tandem/copyright

FROM debian:bookworm-slim
# What `ldd` shows of the program; the rest comes as dependencies of these.
RUN apt-get -o DPkg::Lock::Timeout=580 update -q \
 && DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=580 install -y -q --no-install-recommends \
      ca-certificates libcpprest2.10 libfmt9 libpqxx-6.4 libprometheus-cpp-core1.0 libsdbus-c++1 libsqlite3-0 libssl3 libstdc++6 libsystemd0 \
      libyaml-cpp0.7 openssh-client rsync \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/*
COPY --from=build /image/ /

ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
# What is in the image: the program and each package of Debian, in SPDX 2.3.
RUN --mount=type=bind,from=build,source=/src/packaging,target=/packaging \
    REVISION="$REVISION" CREATED="$CREATED" sh /packaging/sbom >/usr/share/doc/tandem/sbom.spdx.json

LABEL org.opencontainers.image.title="tandem" \
      org.opencontainers.image.description="Reconciling high-availability operator for Wazo and XiVO pairs" \
      org.opencontainers.image.authors="Tandem maintainers" \
      org.opencontainers.image.vendor="Tandem maintainers" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.created="$CREATED" \
      org.opencontainers.image.url="https://tandem.ha" \
      org.opencontainers.image.documentation="https://tandem.ha/docs/container.md" \
      org.opencontainers.image.source="https://tandem.ha" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.base.name="docker.io/library/debian:bookworm-slim"

ENV TANDEM_ROOT=/host
# On the host's loopback, where orders are taken; metrics are there too.
EXPOSE 9877
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=3 CMD ["/usr/bin/tandem", "health"]
ENTRYPOINT ["/usr/bin/tandem"]
CMD ["run"]
