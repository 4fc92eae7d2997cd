# Puts what a release build of this machine has compiled where the image's own build looks for it (../../Dockerfile).
FROM debian:bookworm-slim
COPY . /compiled
RUN --mount=type=cache,id=tandem-ccache,target=/ccache cp -r /compiled/. /ccache/
