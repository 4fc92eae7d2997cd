// Each field's name beside the member that holds it, in the order of the table.
#pragma once

#include "core/pair.h"

namespace tandem {

template <class Archive>
void visit(Archive& at, NodePath& path) {
  at.field("name", path.name);
  at.field("address", path.address);
}

template <class Archive>
void visit(Archive& at, NodeSpec& node) {
  at.field("name", node.name);
  at.field("address", node.address);
  at.field("paths", node.paths);
}

template <class Archive>
void visit(Archive& at, Objectives& objectives) {
  at.field("maxDowntime", objectives.max_downtime);
  at.field("maxDataAge", objectives.max_data_age);
  at.field("phoneSwitch", objectives.phone_switch);
}

template <class Archive>
void visit(Archive& at, SipExpiry& expiry) {
  at.field("minimum", expiry.minimum);
  at.field("maximum", expiry.maximum);
  at.field("default", expiry.initial);
}

template <class Archive>
void visit(Archive& at, SipPolicy& sip) {
  at.field("policy", sip.managed);
  at.field("preset", sip.preset);
  at.field("expiry", sip.expiry);
}

template <class Archive>
void visit(Archive& at, RegistrarBackups& backups) {
  at.field("registrarBackup", backups.registrar_backup);
  at.field("proxyBackup", backups.proxy_backup);
}

template <class Archive>
void visit(Archive& at, Provisioning& provisioning) {
  at.field("backupRegistrar", provisioning.backup_registrar_managed);
  at.field("registrars", provisioning.registrars);
  at.field("resyncDevices", provisioning.resync_devices);
  at.field("resyncRate", provisioning.resync_rate);
}

template <class Archive>
void visit(Archive& at, ProbeTiming& timing) {
  at.field("period", timing.period);
  at.field("timeout", timing.timeout);
}

template <class Archive>
void visit(Archive& at, Failover::Failback& failback) {
  at.field("mode", failback.mode);
  at.field("hold", failback.hold);
  at.field("waitForCalls", failback.wait_for_calls);
  at.field("window", failback.window);
}

template <class Archive>
void visit(Archive& at, Failover& failover) {
  at.field("owner", failover.owner);
  at.field("mode", failover.mode);
  at.within("probes", [&](auto& probes) {
    probes.field("icmp", failover.icmp);
    probes.within("sip", [&](auto& sip) {
      visit(sip, failover.sip);
      sip.field("port", failover.sip_port);
    });
    probes.field("peer", failover.peer);
  });
  at.field("confirmHostDown", failover.confirm_host_down);
  at.within("confirmServiceDown", [&](auto& confirm) {
    confirm.field("failed", failover.confirm_service_failed);
    confirm.field("restarting", failover.confirm_service_restarting);
    confirm.field("unknown", failover.confirm_service_unknown);
  });
  at.field("bootGrace", failover.boot_grace);
  at.field("witnesses", failover.witnesses);
  at.field("activationTimeout", failover.activation_timeout);
  at.field("deactivationTimeout", failover.deactivation_timeout);
  at.field("localRestarts", failover.local_restarts);
  at.field("failback", failover.failback);
  at.within("flapping", [&](auto& flapping) {
    flapping.field("maxTakeovers", failover.max_takeovers);
    flapping.field("window", failover.flapping_window);
  });
}

template <class Archive>
void visit(Archive& at, Replication& replication) {
  at.field("owner", replication.owner);
  at.within("database", [&](auto& database) {
    database.field("mode", replication.database_mode);
    database.field("interval", replication.database_interval);
    database.field("proofInterval", replication.proof_interval);
    database.field("excludeTables", replication.exclude_tables);
    database.field("maxShrink", replication.database_max_shrink);
  });
  at.within("files", [&](auto& files) {
    files.field("interval", replication.files_interval);
    files.field("onChange", replication.files_on_change);
    files.field("directories", replication.directories);
    files.field("maxShrink", replication.files_max_shrink);
  });
  at.field("voicemail", replication.voicemail);
  at.within("harvest", [&](auto& harvest) {
    harvest.field("voicemail", replication.harvest_voicemail);
    harvest.field("recordings", replication.harvest_recordings);
    harvest.field("features", replication.harvest_features);
  });
}

template <class Archive>
void visit(Archive& at, IsdnSwitch& isdn) {
  at.field("driver", isdn.driver);
  at.field("dwell", isdn.dwell);
  at.field("readCommand", isdn.read_command);
}

template <class Archive>
void visit(Archive& at, Interconnection& interconnection) {
  at.field("reportingDbHost", interconnection.reporting_db_host);
  at.field("elasticsearch", interconnection.elasticsearch);
}

template <class Archive>
void visit(Archive& at, ServiceLists& services) {
  at.field("activate", services.activate);
  at.field("deactivate", services.deactivate);
  at.field("units", services.units);
  at.field("essential", services.essential);
}

template <class Archive>
void visit(Archive& at, Hooks& hooks) {
  at.field("afterTakeover", hooks.after_takeover);
  at.field("afterFailback", hooks.after_failback);
}

template <class Archive>
void visit(Archive& at, MailTarget& target) {
  at.field("mail", target.address);
}

template <class Archive>
void visit(Archive& at, WebhookTarget& target) {
  at.field("webhook", target.url);
}

template <class Archive>
void visit(Archive& at, ExecTarget& target) {
  at.field("exec", target.argv);
}

template <class Archive>
void visit(Archive& at, Suspension& suspend) {
  at.field("reason", suspend.reason);
  at.field("until", suspend.until);
}

template <class Archive>
void visit(Archive& at, HAPair& pair) {
  at.within("metadata", [&](auto& metadata) { metadata.field("name", pair.name); });
  at.within("spec", [&](auto& spec) {
    spec.field("product", pair.product);
    spec.field("enabled", pair.enabled);
    spec.field("primary", pair.primary);
    spec.field("secondary", pair.secondary);
    spec.field("distribution", pair.distribution);
    spec.within("changes", [&](auto& changes) { changes.field("allow", pair.changes_allow); });
    spec.field("objectives", pair.objectives);
    spec.field("sip", pair.sip);
    spec.field("provisioning", pair.provisioning);
    spec.field("failover", pair.failover);
    spec.field("replication", pair.replication);
    spec.within("postgresAccess",
                [&](auto& access) { access.field("method", pair.postgres_method); });
    spec.field("restart", pair.restart);
    spec.field("isdnSwitch", pair.isdn_switch);
    spec.field("interconnection", pair.interconnection);
    spec.field("services", pair.services);
    spec.field("hooks", pair.hooks);
    spec.field("notify", pair.notify);
    spec.field("suspend", pair.suspend);
  });
}

template <class Archive>
void visit(Archive& at, ListenTls& listen) {
  at.field("address", listen.address);
  at.field("certificate", listen.certificate);
  at.field("key", listen.key);
  at.field("ca", listen.ca);
}

template <class Archive>
void visit(Archive& at, OperatorConfig& config) {
  at.within("spec", [&](auto& spec) {
    spec.field("node", config.node);
    spec.field("pair", config.pair);
    spec.field("root", config.root);
    spec.field("stateDir", config.state_dir);
    spec.field("listen", config.listen);
    spec.field("listenTls", config.listen_tls);
    spec.field("peer", config.peer);
    spec.field("tokenFile", config.token_file);
    spec.field("sshDir", config.ssh_dir);
    spec.within("wazo", [&](auto& wazo) {
      wazo.field("confd", config.confd);
      wazo.field("provd", config.provd);
      wazo.field("auth", config.auth);
      wazo.field("ca", config.ca);
      wazo.field("credentialsFile", config.credentials_file);
    });
    spec.within("postgres", [&](auto& postgres) {
      postgres.field("dsn", config.postgres_dsn);
      postgres.field("peerDsn", config.postgres_peer_dsn);
      postgres.field("passwordFile", config.postgres_password_file);
      postgres.field("configDir", config.postgres_config_dir);
    });
    spec.field("commands", config.commands);
    spec.within("keep", [&](auto& keep) {
      keep.field("events", config.keep_events);
      keep.field("eventCount", config.keep_event_count);
    });
    spec.within("log", [&](auto& log) {
      log.field("level", config.log_level);
      log.field("format", config.log_format);
    });
  });
}

}  // namespace tandem
