# The pair as it would be deployed, made of what compose.node.yaml says for one node: two of them, each with a
# container in the place of its host. What the operator mounts of the host it gets from that container: a folder as a
# volume that both have, a single file from $files. $files, $client: see deployed.sh.
def single: .source | IN("/etc/machine-id", "/etc/passwd", "/etc/group");
def volume($node): $node + (.source | gsub("[/.]"; "-"));
def shared($node): if single then {type: "bind", source: "\($files)/\($node)\(.source)", read_only: true}
  else {type: "volume", source: volume($node), read_only: (.read_only // false)} end;

.services.tandem as $operator | ($operator.volumes) as $mounts |
def host($node; $address): {
  image: "tandem-node", container_name: "pbx-\($node)", hostname: "pbx-\($node)", init: false, cgroup: "private",
  cap_add: ["SYS_ADMIN", "NET_ADMIN"], security_opt: ["seccomp=unconfined"], tmpfs: ["/run", "/run/lock", "/tmp"],
  networks: {pair: {ipv4_address: $address}},
  volumes: ([$mounts[] | . as $mount | (shared($node) + {target: $mount.source, read_only: ($mount.source == "/etc/machine-id")})
      | select($mount.source | IN("/etc/passwd", "/etc/group") | not)]
    + [{type: "bind", source: $client, target: "/usr/bin/docker", read_only: true},
       {type: "bind", source: $socket, target: "/run/docker.sock"}])};
def beside($node): ($operator | del(.build, .network_mode, .pid)) + {
  container_name: "tandem-\($node)", network_mode: "service:pbx-\($node)", pid: "service:pbx-\($node)",
  volumes: [$mounts[] | shared($node) + {target: .target}]};
def watcher($name; $port; $command): {
  image: $prometheus, container_name: $name, networks: {pair: {ipv4_address: $command.address}},
  entrypoint: $command.entrypoint, command: $command.arguments, restart: "unless-stopped",
  volumes: [{type: "bind", source: "\($files)/monitoring", target: "/monitoring", read_only: true}]};
{name: "tandem-deployed",
 networks: {pair: {ipam: {config: [{subnet: "192.0.2.0/24"}]}}},
 volumes: ([("a", "b") as $node | $mounts[] | select(single | not) | {key: volume($node), value: {}}] | from_entries),
 services: {
   "pbx-a": host("a"; "192.0.2.11"), "pbx-b": host("b"; "192.0.2.12"), "tandem-a": beside("a"), "tandem-b": beside("b"),
   prometheus: watcher("prometheus"; 9090; {address: "192.0.2.20", entrypoint: ["/usr/bin/prometheus"],
     arguments: ["--config.file=/monitoring/prometheus.yaml", "--storage.tsdb.path=/prometheus"]}),
   alertmanager: watcher("alertmanager"; 9093; {address: "192.0.2.21", entrypoint: ["/usr/bin/prometheus-alertmanager"],
     arguments: ["--config.file=/monitoring/alertmanager.yaml", "--storage.path=/prometheus/alerts", "--cluster.listen-address="]})}}
