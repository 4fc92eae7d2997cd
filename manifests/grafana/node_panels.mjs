// One node: its probes, its resources, the orders that hold there, and its operator.
import {
  as_bars, as_steps, colour, graph, heatmap, increase, mapping, now, rate, rows_now, select, stat, steps, table, target, timeline,
  yes_no,
} from "./panels.mjs";
import { alerts_firing, alerts_now, in_turn, in_words, of_each_node, states, without } from "./overview_panels.mjs";

export const glance = [
  [4, of_each_node.answers],
  [4, of_each_node.well],
  [4, of_each_node.declared],
  [4, of_each_node.repairs],
  [4, of_each_node.drift],
  [4, alerts_firing],
  [24, alerts_now],
];

export const probes = [
  [16, timeline("Probes over time", "Whether the last question was answered. A gap: it could not be asked, which tells nothing.",
    [target(select("tandem_probe_success"), "{{instance}} {{probe}} {{target}}")], yes_no("answers", "silent"))],
  [8, graph("Questions without an answer",
    "The share that was lost. With much of it false takeovers come nearer: `tandem plan` says how near.",
    "percentunit",
    [target(`sum by (instance, probe, target) (${rate("tandem_probe_failures_total")}) `
      + `/ sum by (instance, probe, target) (${rate("tandem_probe_attempts_total")})`, "{{instance}} {{probe}} {{target}}")],
    { defaults: { max: 1, thresholds: steps([null, colour.well], [0.1, colour.doubt]) } })],
  [8, graph("Time until the answer", "Nine in ten answers come within it, by probe.", "s",
    [target(`histogram_quantile(0.9, sum by (le, instance, probe) (${rate("tandem_probe_duration_seconds_bucket")}))`,
      "{{instance}} {{probe}}")])],
  [8, graph("Questions that could not be asked", "No right, no socket, no route, no room: where it goes on the probe is blind.", "ops",
    [target(`sum by (instance, probe, target) (${rate("tandem_probe_not_asked_total")})`, "{{instance}} {{probe}} {{target}}")],
    { custom: as_bars, legend: ["mean", "max"] })],
];

export const resources = [
  [12, timeline("Resources over time",
    "Whether the last look found or left no drift. On a node that stands by, registrars and sip-expiry may differ by design.",
    [target(select("tandem_resource_in_sync"), "{{instance}} {{resource}}")], yes_no("as declared", "differs"))],
  [12, graph("Drift by resource", "Fields that differed from the declaration after the last look.", "short",
    [target(select("tandem_resource_drift_fields"), "{{instance}} {{resource}}")],
    { custom: as_steps, defaults: { decimals: 0, thresholds: steps([null, colour.well], [1, colour.doubt]) } })],
  [12, graph("Repairs", "Looks that changed something. Many of one resource: somebody else writes it.", "short",
    [target(`sum by (instance, resource) (${increase("tandem_resource_repairs_total")})`, "{{instance}} {{resource}}")],
    { custom: as_bars, legend: ["sum"] })],
  [12, graph("Looks by result", "What the looks at resources came to. InSync is the normal one, about one in 30 seconds a resource.", "ops",
    [target(`sum by (instance, result) (${rate("tandem_reconcile_total")})`, "{{instance}} {{result}}")],
    { custom: { stacking: { mode: "normal", group: "A" } }, legend: ["mean", "max"] })],
  [12, graph("Looks that failed", "Could not look, or could not repair: a service of Wazo that does not answer, a disk, a right.", "ops",
    [target(`sum by (instance, resource) (${rate("tandem_reconcile_total", 'result="Failed"')})`, "{{instance}} {{resource}}")],
    { custom: as_bars, legend: ["mean", "max"] })],
  [12, graph("Time of a look", "Half, nine in ten and 99 of a hundred looks at a resource, its repair included, take no longer.", "s",
    [0.5, 0.9, 0.99].map((q) => target(
      `histogram_quantile(${q}, sum by (le, resource) (${rate("tandem_reconcile_duration_seconds_bucket")}))`,
      `{{resource}} p${q * 100}`)))],
  [12, graph("Time since the last look",
    "A look is due every 30 seconds; after failures at most 5 minutes later. A line that climbs is a look that hangs.", "s",
    [target(`time() - (${select("tandem_last_reconcile_timestamp_seconds")} > 0)`, "{{instance}} {{resource}}")],
    { defaults: { thresholds: steps([null, colour.well], [300, colour.doubt], [900, colour.bad]) } })],
  [12, heatmap("How long looks take", "Number of looks by their time. A band that rises is a service that becomes slow.", "s",
    [target(`sum by (le) (${increase("tandem_reconcile_duration_seconds_bucket")})`, "{{le}}", { format: "heatmap" })])],
];

// Who may change the node, and what it was told.
export const orders = [
  [16, timeline("The state that orders change",
    "Maintenance, a takeover and a failback that were ordered show here; so does what was not ordered.",
    [target(in_turn("tandem_node_state", "state", states), "{{instance}}")], in_words(states))],
  [8, timeline("Who holds the node",
    "Whether a structural change waits for its order, whether repairs are suspended, whether an upgrade runs.",
    [target(select("tandem_suspended"), "{{instance}} suspended"),
      target(select("tandem_condition", 'type="StructuralChangePending", status="True"'), "{{instance}} change waits"),
      target(select("tandem_condition", 'type="UpgradeInProgress", status="True"'), "{{instance}} upgrade")],
    mapping(["0", "no", colour.well], ["1", "yes", colour.doubt]))],
  [8, stat("Certificates of the node",
    "The time until they expire; `tandem pki renew` makes new ones without an interruption.", "dtdurations",
    [now(`min by (instance, certificate) (${select("tandem_certificate_expiry_timestamp_seconds")}) - time()`,
      "{{instance}} {{certificate}}")],
    { thresholds: steps([null, colour.bad], [30 * 86400, colour.well]), decimals: 0 })],
];

export const operator = [
  [8, graph("Memory", "Resident memory of the operator.", "bytes",
    [target(select("process_resident_memory_bytes"), "{{instance}}")])],
  [8, graph("CPU", "Share of one processor that the operator uses.", "percentunit",
    [target(rate("process_cpu_seconds_total"), "{{instance}}")], { legend: ["mean", "max"] })],
  [8, graph("File descriptors", "Open descriptors as a share of the limit of the process.", "percentunit",
    [target(`${select("process_open_fds")} / ${select("process_max_fds")}`, "{{instance}}")],
    { defaults: { thresholds: steps([null, colour.well], [0.8, colour.bad]) } })],
  [12, graph("Events", "What was told by `tandem get events`; an hour of many warnings is a night to read of.", "short",
    [target(`sum by (instance, type) (${increase("tandem_events_total")})`, "{{instance}} {{type}}")],
    { custom: as_bars, legend: ["sum"] })],
  [12, graph("What was lost, and who follows",
    "Events that the disk did not take, lines of the log that nobody read: 0 where all is well. Readers of the stream: open status pages.",
    "short",
    [target(increase("tandem_events_lost_total"), "{{instance}} events lost"),
      target(increase("tandem_log_lines_lost_total"), "{{instance}} log lines lost"),
      target(select("tandem_event_stream_readers"), "{{instance}} readers")], { legend: ["max"] })],
  [8, stat("Runs for", "Time since the operator was started.", "dtdurations",
    [now(`time() - ${select("process_start_time_seconds")}`, "{{instance}}")],
    { thresholds: steps([null, colour.doubt], [3600, colour.well]), decimals: 0 })],
  [8, graph("Starts", "How often the operator was started. It should be about as often as you upgraded it.", "short",
    [target(`changes(${select("process_start_time_seconds")}[$__rate_interval])`, "{{instance}}")],
    { custom: as_bars, legend: ["sum"] })],
  [8, table("Build", "Version and revision of the program on each node.",
    [rows_now(`max by (instance, version, revision) (${select("tandem_build_info")})`)],
    {
      transformations: [{
        id: "organize",
        options: {
          excludeByName: without("Time", "Value"),
          indexByName: {},
          renameByName: { instance: "Instance", version: "Version", revision: "Revision" },
        },
      }],
    })],
];
