# The stand-in for Wazo's services, for the demonstration pair only.
#
#   docker build -t tandem-wazo-sim -f manifests/compose/wazo-sim.Dockerfile .
#
# The first lines are those of ../../Dockerfile, so that both share the layer with the build packages. It is
# compiled by hand: the project's own CMake files want all of its sources, and every change would build it anew.
# Not optimised: quicker to build, and quick enough.
FROM debian:bookworm-slim AS build
WORKDIR /src
COPY scripts/install-deps scripts/install-deps
RUN scripts/install-deps build && rm -rf /var/lib/apt/lists/*
COPY tests/wazo_sim tests/wazo_sim
RUN mkdir -p /objects /image/usr/bin \
 && find tests/wazo_sim -name '*.cc' ! -name '*_test.cc' -print0 \
  | xargs -0 -n 1 -P "$(nproc)" sh -c 'g++ -std=c++20 -I. -DFMT_SHARED -c "$0" -o "/objects/$(echo "$0" | tr / _).o"' \
 && g++ -o /image/usr/bin/wazo_sim /objects/*.o -lfmt -pthread && strip /image/usr/bin/wazo_sim
COPY manifests/compose/wazo-node /image/usr/bin/

FROM debian:bookworm-slim
RUN apt-get -o DPkg::Lock::Timeout=580 update -q \
 && DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=580 install -y -q --no-install-recommends \
      curl libfmt9 libstdc++6 \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /image/ /
HEALTHCHECK --interval=3s --timeout=5s --retries=5 CMD ["curl", "-sf", "-o", "/dev/null", "http://127.0.0.1:9480/state"]
ENTRYPOINT ["/usr/bin/wazo-node"]
