// The row Replication of the dashboard, as make_dashboard.mjs puts it in.
import {
  as_bars, as_steps, colour, dashed_objective, graph, increase, mapping, now, rate, select, stat, steps, target, timeline,
} from "./panels.mjs";

// Of the primary, except where a panel says otherwise: it alone makes copies.
export const replication = [
  [16, graph("Age of the copies and the objective",
    "Time since the last copy that succeeded, by kind, against objectives.maxDataAge, which counts for the database. "
    + "After a takeover users meet data of that age.", "s",
    [target(`time() - ${select("tandem_replication_last_success_timestamp_seconds")}`, "{{instance}} {{kind}}"),
      target(`${select("tandem_data_age_objective_seconds")} and on (job, instance) ${select("tandem_replication_running")}`,
        "{{instance}} objective")],
    { overrides: dashed_objective })],
  [8, stat("Since the last proof",
    "Time since all of it was last seen equal on both nodes. Of a secondary: of the copy of the database that it holds itself.",
    "dtdurations",
    [now(`time() - ${select("tandem_replication_last_proof_timestamp_seconds")}`, "{{instance}} {{kind}}")],
    { thresholds: steps([null, colour.well], [4 * 3600, colour.doubt]), decimals: 0 })],
  [16, timeline("Copies under way", "Whether a copy runs. Where both lines end, the node has no copies to make.",
    [target(select("tandem_replication_running"), "{{instance}} {{kind}}")],
    mapping(["0", "rests", colour.none], ["1", "copies", colour.well]))],
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
