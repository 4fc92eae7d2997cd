// Replication: would a takeover meet the data of today, how do copies get there, what waits since a takeover?
import {
  as_bars, as_steps, colour, dashed_objective, graph, increase, mapping, now, rate, select, stat, steps, target, timeline, yes_no,
} from "./panels.mjs";
import { alerts_now } from "./overview_panels.mjs";

// Of the primary, except where a panel says otherwise: it alone makes copies.
export const glance = [
  [16, graph("Age of the copies and the objective",
    "Time since the last copy that succeeded, by kind, against objectives.maxDataAge, which counts for the database. "
    + "After a takeover users meet data of that age.", "s",
    [target(`time() - ${select("tandem_replication_last_success_timestamp_seconds")}`, "{{instance}} {{kind}}"),
      target(`${select("tandem_data_age_objective_seconds")} and on (job, instance) ${select("tandem_replication_running")}`,
        "{{instance}} objective")],
    { overrides: dashed_objective })],
  [8, stat("Is it good enough?",
    "The conditions of the primary's copies and of the secondary that holds them: docs/operate.md has a line on each.",
    "none",
    ["DatabaseReplicated", "FilesReplicated", "DataAgeObjectiveMet", "SecondaryFit"].map((type) =>
      now(select("tandem_condition_well", `type="${type}"`), `{{instance}} ${type}`)),
    { mappings: yes_no("yes", "no") })],
  [16, timeline("Copies under way", "Whether a copy runs. Where both lines end, the node has no copies to make.",
    [target(select("tandem_replication_running"), "{{instance}} {{kind}}")],
    mapping(["0", "rests", colour.none], ["1", "copies", colour.well]))],
  [8, stat("Since the last proof",
    "Time since all of it was last seen equal on both nodes. Of a secondary: of the copy of the database that it holds itself.",
    "dtdurations",
    [now(`time() - ${select("tandem_replication_last_proof_timestamp_seconds")}`, "{{instance}} {{kind}}")],
    { thresholds: steps([null, colour.well], [4 * 3600, colour.doubt]), decimals: 0 })],
  [24, alerts_now],
];

export const copies = [
  [8, graph("Copies by result",
    "Equal: all of it was seen equal. Partial: what had changed was copied. Refused: a guard forbids it.", "short",
    [target(`sum by (instance, kind, result) (${increase("tandem_replication_runs_total")})`, "{{instance}} {{kind}} {{result}}")],
    { custom: as_bars, legend: ["sum"] })],
  [16, graph("Copies that failed or were refused, by reason",
    "The most frequent reasons. docs/replication.md and docs/replication-files.md tell what to do about each.", "short",
    [target(`topk(10, sum by (instance, kind, reason) (${increase("tandem_replication_failures_total")}))`,
      "{{instance}} {{kind}} {{reason}}")],
    { custom: as_bars, legend: ["sum"] })],
  [8, graph("Time of a copy", "Half and nine in ten copies take no longer, by kind.", "s",
    [0.5, 0.9].map((q) => target(
      `histogram_quantile(${q}, sum by (le, kind) (${rate("tandem_replication_duration_seconds_bucket")}))`,
      `{{kind}} p${q * 100}`)))],
  [8, graph("Bytes over the network", "What copies send and receive, hashes and lists of names included.", "Bps",
    [target(`sum by (instance, kind) (${rate("tandem_replication_bytes_total")})`, "{{instance}} {{kind}}")], { legend: ["mean", "max"] })],
  [8, graph("Rows and files changed", "What copies wrote or deleted on the secondary.", "short",
    [target(`sum by (instance) (${increase("tandem_replication_rows_total")})`, "{{instance}} rows"),
      target(`sum by (instance) (${increase("tandem_replication_files_total")})`, "{{instance}} files")],
    { custom: as_bars, legend: ["sum"] })],
  [8, graph("Tables of the last copy",
    "Of the last one that succeeded: seen equal at its end; of these, written in part or as a whole.", "short",
    [target(`max by (instance, result) (${select("tandem_replication_tables")})`, "{{instance}} {{result}}")],
    { custom: as_steps, defaults: { decimals: 0 }, legend: ["lastNotNull"] })],
];

// With database.mode: stream alone.
export const stream = [
  [12, graph("How far the stream is behind",
    "With database.mode: stream, of the primary: the time between a commit there and the same on the secondary; while nothing is "
    + "fetched, the time since it was.", "s",
    [target(select("tandem_replication_stream_lag_seconds"), "{{instance}}")],
    { defaults: { thresholds: steps([null, colour.well], [60, colour.doubt]) } })],
  [12, graph("Log kept for the stream",
    "Write-ahead log that the primary's server keeps until the secondary has it. At max_slot_wal_keep_size it lets go, and the "
    + "stream begins anew.", "bytes",
    [target(select("tandem_replication_kept_wal_bytes"), "{{instance}}")])],
];

export const afterwards = [
  [8, graph("What an undo can take back", "Copies of the database that the secondary can take back: tandem replicate --undo.", "short",
    [target(select("tandem_replication_undo_generations"), "{{instance}}")],
    { custom: as_steps, defaults: { decimals: 0 }, legend: ["lastNotNull"] })],
  [8, graph("Rows kept for an undo", "Bytes that these copies take in the secondary's database.", "bytes",
    [target(select("tandem_replication_undo_bytes"), "{{instance}}")])],
  [8, graph("Changes that wait since a takeover",
    "What users or others changed on the secondary while it served, by feature: tandem divergence.", "short",
    [target(`max by (feature) (${select("tandem_divergence_rows")})`, "{{feature}}")],
    { custom: as_steps, defaults: { decimals: 0 }, legend: ["lastNotNull"] })],
  [8, timeline("Waits to come home",
    "Whether what users left on the secondary while it served is there still: messages, greetings, recordings, sounds.",
    [target(select("tandem_harvest_pending"), "{{instance}}")],
    mapping(["0", "nothing waits", colour.well], ["1", "waits", colour.doubt]))],
  [8, graph("What came home from the secondary",
    "By kind. Kept beside: files of which both nodes had another one, and both were kept.", "short",
    [target(`sum by (instance, kind) (${increase("tandem_harvest_items_total")})`, "{{instance}} {{kind}}"),
      target(`sum by (instance) (${increase("tandem_harvest_kept_beside_total")})`, "{{instance}} kept beside")],
    { custom: as_bars, legend: ["sum"] })],
  [8, graph("Harvests that failed", "They did not bring all of it home, and are tried again: tandem get events harvest tells why.", "short",
    [target(`sum by (instance) (${increase("tandem_harvest_failures_total")})`, "{{instance}}")],
    { custom: as_bars, legend: ["sum"] })],
  [8, stat("Since the last harvest", "Time since all that users left on the secondary had come home; coloured for a day.", "dtdurations",
    [now(`time() - ${select("tandem_harvest_last_success_timestamp_seconds")}`, "{{instance}}")],
    { thresholds: steps([null, colour.other], [86400, colour.none]), decimals: 0 })],
];
