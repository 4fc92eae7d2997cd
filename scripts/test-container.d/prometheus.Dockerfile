# Stands in for the image that manifests/compose.yaml names, where no registry answers: Debian's Prometheus of
# the same version, laid out as that image is; with Debian's Alertmanager.
FROM debian:bookworm-slim
RUN apt-get -o DPkg::Lock::Timeout=580 update -q \
 && DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=580 install -y -q --no-install-recommends \
      prometheus prometheus-alertmanager wget \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* \
 && install -d -o nobody /prometheus
USER nobody
ENTRYPOINT ["/bin/prometheus"]
