# The stand-in for Wazo's services, for the demonstration pair only.
#
#   docker build -t tandem-wazo-sim -f manifests/compose/wazo-sim.Dockerfile .
#
# The first lines are those of ../../Dockerfile, so that both share the layer with the build packages.
FROM debian:bookworm-slim AS build
WORKDIR /src
COPY scripts/install-deps scripts/install-deps
RUN scripts/install-deps build && rm -rf /var/lib/apt/lists/*
COPY . .
# Not optimised: quicker to build, and quick enough.
RUN cmake --preset release -DCMAKE_BUILD_TYPE=None \
 && CCACHE_DISABLE=1 cmake --build --preset release --target wazo_sim \
 && install -D -s -m 0755 build/release/tests/wazo_sim/wazo_sim /image/usr/bin/wazo_sim \
 && install -D -m 0755 manifests/compose/wazo-node /image/usr/bin/wazo-node

FROM debian:bookworm-slim
RUN apt-get -o DPkg::Lock::Timeout=580 update -q \
 && DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=580 install -y -q --no-install-recommends \
      curl libfmt9 libstdc++6 \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /image/ /
HEALTHCHECK --interval=3s --timeout=5s --retries=5 CMD ["curl", "-sf", "-o", "/dev/null", "http://127.0.0.1:9480/state"]
ENTRYPOINT ["/usr/bin/wazo-node"]
