// The fields of kind OperatorConfig.
// Laid out by hand: clang-format 14 crashes when it aligns such rows.
// clang-format off
#include "core/fields.h"

namespace tandem {
namespace {

using enum Type;

constexpr Field kRows[] = {
    {.path = "",
     .text = "How the operator runs on one node: /etc/tandem/operator.yaml, local to it. The file "
             "may be missing; flags and TANDEM_ variables win over it."},
    {.path = "apiVersion", .type = choice, .choices = kApiVersion, .required = true,
     .text = "The version of this format."},
    {.path = "kind", .type = choice, .choices = kOperatorKind, .required = true,
     .text = "The kind of this file."},
    {.path = "spec", .required = true, .text = "How the operator of this node runs."},
    {.path = "spec.node", .type = text, .format = Format::label, .fallback = "null",
     .nullable = true,
     .text = "Which of the pair's two nodes this is. null: the one called like the host."},
    {.path = "spec.pair", .type = text, .format = Format::path,
     .fallback = "/etc/tandem/pair.yaml", .length_max = 1024,
     .text = "Where the declaration of the pair is."},
    {.path = "spec.root", .type = text, .format = Format::path, .fallback = "/",
     .length_max = 1024,
     .text = "The prefix of every managed path: a lab's folder, or /host in a container."},
    {.path = "spec.stateDir", .type = text, .format = Format::directory,
     .fallback = "/var/lib/tandem", .length_max = 1024,
     .text = "Where the operator keeps its state, its events and the last good declarations. Not "
             "below root, unless root is '/'."},
    {.path = "spec.listen", .type = text, .format = Format::endpoint, .fallback = "127.0.0.1:9877",
     .text = "Where the API and the metrics are served without TLS. Off loopback "
             "only GET is served, with a warning at the start."},
    {.path = "spec.listenTls", .fallback = "null", .nullable = true,
     .text = "Where the same is served with mutual TLS; the peer link needs it. A certificate "
             "that names the other node is the peer, any other of the same authority may only "
             "read."},
    {.path = "spec.listenTls.address", .type = text, .format = Format::endpoint, .required = true,
     .text = "IPv4 address and port; 0.0.0.0 is every address."},
    {.path = "spec.listenTls.certificate", .type = text, .format = Format::path, .required = true,
     .length_max = 1024, .text = "This node's certificate, PEM, with its name as a SAN."},
    {.path = "spec.listenTls.key", .type = text, .format = Format::path, .required = true,
     .length_max = 1024, .text = "Its private key, PEM, readable by root only."},
    {.path = "spec.listenTls.ca", .type = text, .format = Format::path, .required = true,
     .length_max = 1024,
     .text = "The pair's own certificate authority, PEM."},
    {.path = "spec.peer", .type = text, .format = Format::local_url, .fallback = "null",
     .nullable = true, .secret = true, .length_max = 1024,
     .text = "The other node's operator. null: https://PEER-ADDRESS:9878 where listenTls is set, "
             "else there is no peer link. An https URL needs listenTls, whose certificate it "
             "shows."},
    {.path = "spec.tokenFile", .type = text, .format = Format::path,
     .fallback = "/etc/tandem/token", .length_max = 1024,
     .text = "The bearer token for orders. Made at the first start, mode 0600."},
    {.path = "spec.sshDir", .type = text, .format = Format::directory,
     .fallback = "/etc/tandem/ssh", .length_max = 1024,
     .text = "Where `tandem init` keeps the key to the other node (id_ed25519) and that node's "
             "host key (known_hosts). A file `config` there is ssh's own: Port and the like."},
    {.path = "spec.wazo", .text = "The vendor's services on this node."},
    {.path = "spec.wazo.confd", .type = text, .format = Format::local_url,
     .fallback = "http://127.0.0.1:9486/1.1", .secret = true, .length_max = 1024,
     .text = "The configuration service. https, or http to this host: credentials never travel in "
             "clear."},
    {.path = "spec.wazo.provd", .type = text, .format = Format::local_url,
     .fallback = "http://127.0.0.1:8666/0.2", .secret = true, .length_max = 1024,
     .text = "The provisioning service."},
    {.path = "spec.wazo.auth", .type = text, .format = Format::local_url,
     .fallback = "http://127.0.0.1:9497/0.1", .secret = true, .length_max = 1024,
     .text = "The token service."},
    {.path = "spec.wazo.ca", .type = text, .format = Format::path, .fallback = "null",
     .nullable = true, .length_max = 1024,
     .text = "The certificate authority of https services, PEM. null: the system's."},
    {.path = "spec.wazo.credentialsFile", .type = text, .format = Format::path,
     .fallback = "/etc/tandem/credentials.yaml", .length_max = 1024,
     .text = "A YAML file with username and password; refused if others can read it."},
    {.path = "spec.postgres", .text = "How the databases are reached."},
    {.path = "spec.postgres.dsn", .type = text, .format = Format::dsn,
     .fallback = "\"host=127.0.0.1 dbname=asterisk user=tandem\"", .secret = true,
     .length_max = 1024,
     .text = "This node's database, in libpq's KEY=VALUE form, with a role of our own. It must "
             "not hold a password; that is what passwordFile is for."},
    {.path = "spec.postgres.peerDsn", .type = text, .format = Format::dsn,
     .fallback = "\"host=PEER-ADDRESS dbname=asterisk user=tandem\"", .secret = true,
     .length_max = 1024,
     .text = "The other node's database. PEER-ADDRESS stands for the other node's address."},
    {.path = "spec.postgres.passwordFile", .type = text, .format = Format::path,
     .fallback = "/etc/tandem/pgpass", .length_max = 1024,
     .text = "The password of the role, in libpq's pgpass format, mode 0600; made by tandem init."},
    {.path = "spec.postgres.configDir", .type = text, .format = Format::directory,
     .fallback = "null", .nullable = true, .length_max = 1024,
     .text = "The folder of postgresql.conf and pg_hba.conf. null: asked of the server; needed "
             "only while the server is down."},
    {.path = "spec.commands", .type = choice, .choices = "auto|child|systemd", .fallback = "auto",
     .text = "How the vendor's commands are run. systemd: as transient units, with root's full "
             "rights. child: as child processes, with the operator's own. auto: units where the "
             "system bus below root answers. A long command outlives the operator in each way."},
    {.path = "spec.keep", .text = "How much history is kept."},
    {.path = "spec.keep.events", .type = duration, .fallback = "90d", .at_least = "1h",
     .at_most = "3650d", .text = "How long events are kept."},
    {.path = "spec.keep.eventCount", .type = integer, .fallback = "100000", .at_least = "100",
     .at_most = "10000000", .text = "How many events are kept at most."},
    {.path = "spec.log", .text = "What the operator logs to its standard error."},
    {.path = "spec.log.level", .type = choice, .choices = "debug|info|warning|error",
     .fallback = "info", .text = "The least severe lines shown."},
    {.path = "spec.log.format", .type = choice, .choices = "logfmt|json", .fallback = "logfmt",
     .text = "The form of a line."},
};

}  // namespace

std::span<const Field> operator_rows() { return kRows; }

}  // namespace tandem
