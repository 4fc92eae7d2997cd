# A node as the pair would be deployed on: Debian 12 booted by its systemd, with PostgreSQL 15, sshd, rsync and cron,
# and stand-ins for telephony: tests/wazo_sim for the services that Tandem asks, a real SIP server in Asterisk's place.
# What is made per node (host keys, the cluster, the role) is made by furnish once it is booted; sshd, which would fail
# without keys and be started again beside furnish, is left to it too.
FROM debian:bookworm-slim
RUN mkdir -p /etc/postgresql-common && echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf \
 && apt-get -o DPkg::Lock::Timeout=580 update -q \
 && DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=580 install -y -q --no-install-recommends \
      systemd systemd-sysv dbus postgresql-15 openssh-server rsync cron iptables iproute2 procps kamailio libfmt9 \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* && rm -f /etc/ssh/ssh_host_* && : >/etc/machine-id \
 && adduser --quiet --system --group --home /var/lib/asterisk asterisk \
 && systemctl disable kamailio ssh && systemctl mask systemd-logind systemd-machine-id-commit getty.target
COPY --from=tandem-wazo-sim /usr/bin/wazo_sim /usr/bin/
COPY furnish /usr/local/sbin/furnish
COPY node/ /tmp/node/
RUN sh /tmp/node/install && rm -r /tmp/node
STOPSIGNAL SIGRTMIN+3
CMD ["/sbin/init"]
