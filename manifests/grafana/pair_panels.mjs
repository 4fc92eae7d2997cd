// The pair: who serves, can people call, will it hold?
import {
  as_bars, as_steps, colour, coloured, column, dashed_objective, graph, heatmap, increase, mapping, now, rows_now, select, stat,
  steps, table, target, timeline, yes_no,
} from "./panels.mjs";
import { alerts_firing, alerts_now, in_turn, in_words, of_each_node, one_of, states, verdicts, without } from "./overview_panels.mjs";

const times = [...Array(11).keys()].map((n) => `Time ${n + 1}`); // joinByField numbers what it can not join

// A click on a node opens its own dashboard, of the same time.
const to_node = { title: "The node", url: "/d/tandem-node?${__url_time_range}&${datasource:queryparam}&${job:queryparam}"
  + "&var-instance=${__value.text}", targetBlank: false };

// The five questions of a bad night, in the order in which they are asked.
export const glance = [
  [6, stat("Who serves?",
    "The state of each node; `tandem explain STATE` tells what it means. Right are one that serves and one that stands by.",
    "none", [now(in_turn("tandem_node_state", "state", states), "{{instance}}")], { mappings: in_words(states) })],
  [6, stat("Can people call?",
    "Whether SIP answers at each node's own address. One that stands by is silent by design: one that answers is enough.",
    "none", [now(select("tandem_probe_success", 'probe="own-sip"'), "{{instance}}")],
    { mappings: mapping(["1", "answers", colour.well], ["0", "silent", colour.doubt]) })],
  [6, stat("Will it hold?",
    "Whether the secondary could serve for the primary (the condition SecondaryFit), and whether somebody would act on a failure "
    + "by himself (the condition NobodyFailsOver).", "none",
    [now(select("tandem_condition_well", 'type="SecondaryFit"'), "{{instance}} fit"),
      now(select("tandem_condition_well", 'type="NobodyFailsOver"'), "{{instance}} acts")],
    { mappings: yes_no("yes", "no") })],
  [6, stat("Room below the objective", "The objective less the bound; below zero the pair can not keep what it declares.", "s",
    [now(`${one_of("tandem_downtime_objective_seconds")} - on (job, instance) ${one_of("tandem_downtime_bound_seconds")}`,
      "{{instance}}")],
    { thresholds: steps([null, colour.bad], [0, colour.well]) })],
  [4, of_each_node.answers],
  [4, of_each_node.well],
  [4, of_each_node.declared],
  [4, of_each_node.repairs],
  [4, of_each_node.drift],
  [4, alerts_firing],

  [24, table("The nodes side by side",
    "What each node is declared to be and how it is. Right are one primary and one secondary, the same version, and the same "
    + "declaration (its SHA-256); generations may differ, since each node counts its own.",
    [
      rows_now(`max by (job, instance, node, role, product) (${select("tandem_node_info")})`),
      rows_now(`max by (instance, version, revision) (${select("tandem_build_info")})`),
      rows_now(`max by (instance) (${select("up")})`),
      rows_now(`max by (instance) (${select("tandem_condition_well", 'type="Ready"')})`),
      rows_now(`max by (instance) (${select("tandem_condition_well", 'type="Converged"')})`),
      rows_now(`max by (instance) (${select("tandem_spec_accepted")})`),
      rows_now(`max by (instance) (${select("tandem_spec_generation")})`),
      rows_now(`max by (instance) (${select("tandem_suspended")})`),
      rows_now(`sum by (instance) (${select("tandem_resource_drift_fields")})`),
      rows_now(`time() - max by (instance) (${select("process_start_time_seconds")})`),
      rows_now(`max by (instance, sha256) (${select("tandem_spec_info")})`),
      rows_now(`max by (instance) (${select("tandem_node_standing_by")})`),
    ],
    {
      transformations: [
        { id: "joinByField", options: { byField: "instance", mode: "outer" } },
        {
          id: "organize",
          options: {
            excludeByName: without("Time", "Value #A", "Value #B", "Value #K", "job", ...times),
            indexByName: {},
            renameByName: {
              "instance": "Instance", "node": "Node", "role": "Role", "product": "Product", "version": "Version",
              "revision": "Revision", "Value #C": "Operator", "Value #D": "All well", "Value #E": "As declared",
              "Value #F": "File accepted", "Value #G": "Generation", "Value #H": "Suspended",
              "Value #I": "Drift", "Value #J": "Runs for", "sha256": "Declaration", "Value #L": "Does",
            },
          },
        },
      ],
      overrides: [
        column("Instance", [{ id: "links", value: [to_node] }]),
        column("Operator", coloured(yes_no("answers", "silent"))),
        column("Does", coloured(mapping(["0", "serves", colour.well], ["1", "stands by", colour.other]))),
        column("All well", coloured(yes_no("yes", "no"))),
        column("As declared", coloured(yes_no("yes", "no"))),
        column("File accepted", coloured(yes_no("yes", "no"))),
        column("Suspended", coloured(mapping(["0", "no", colour.well], ["1", "yes", colour.doubt]))),
        column("Runs for", [{ id: "unit", value: "dtdurations" }, { id: "decimals", value: 0 }]),
      ],
    })],

  [24, alerts_now],
];

export const takeover = [
  [16, timeline("State over time",
    "The state of takeover and failback of each node; `tandem explain failover` tells what each means.",
    [target(in_turn("tandem_node_state", "state", states), "{{instance}}")], in_words(states))],
  [8, stat("Last takeover", "When a takeover of this node last ended, since its operator was started.", "dateTimeAsIso",
    [now(`1000 * ${select("tandem_last_takeover_timestamp_seconds")}`, "{{instance}}")],
    { mappings: mapping(["0", "none", colour.well]), thresholds: steps([null, colour.doubt]) })],
  [16, timeline("What the secondary holds of the primary",
    "The verdict of the secondary's probes. HostDown and ServiceDown lead to a takeover once they have lasted for their confirm time.",
    [target(in_turn("tandem_primary_verdict", "verdict", verdicts), "{{instance}}: the primary")], in_words(verdicts))],
  [8, graph("Takeovers", "Takeovers that ended, by what made the node serve.", "short",
    [target(`sum by (instance, cause) (${increase("tandem_takeovers_total")})`, "{{instance}} {{cause}}")],
    { custom: as_bars, legend: ["sum"] })],
  [16, graph("The downtime bound and the objective",
    "How long a phone may at most be without telephony when the primary dies, as the pair is now, against objectives.maxDowntime.", "s",
    [target(select("tandem_downtime_bound_seconds"), "{{instance}} bound"),
      target(select("tandem_downtime_objective_seconds"), "{{instance}} objective")],
    {
      custom: as_steps,
      legend: ["lastNotNull"],
      overrides: dashed_objective,
    })],
  [8, heatmap("How long takeovers take", "From the decision to the end, by their time: that is how long its own SIP was away at most.", "s",
    [target(`sum by (le) (${increase("tandem_takeover_duration_seconds_bucket")})`, "{{le}}", { format: "heatmap" })])],
  [24, timeline("Does it answer itself?",
    "SIP of each node at its own address, asked every 2 s by its own operator. A node that stands by is silent by design.",
    [target(select("tandem_probe_success", 'probe="own-sip"'), "{{instance}}")], yes_no("answers", "silent"))],
];

export const declaration = [
  [8, graph("Generation", "Declarations accepted on each node so far; each node counts its own.", "short",
    [target(select("tandem_spec_generation"), "{{instance}}")], { custom: as_steps, defaults: { decimals: 0 }, legend: ["lastNotNull"] })],
  [8, graph("Refused edits", "Versions of pair.yaml that had an error. The last good one stayed in force.", "short",
    [target(`sum by (instance) (${increase("tandem_spec_rejections_total")})`, "{{instance}}")],
    { custom: as_bars, legend: ["sum"] })],
  [8, timeline("What waits, and what holds",
    "A structural change that waits for its order, and the suspension of the pair.",
    [target(select("tandem_condition", 'type="StructuralChangePending", status="True"'), "{{instance}} change waits"),
      target(select("tandem_suspended"), "{{instance}} suspended")],
    mapping(["0", "no", colour.well], ["1", "yes", colour.doubt]))],
  [16, graph("SIP expiry",
    "The declared registration expiry: a phone may stay with a dead node for as long as its registration lasts.", "s",
    [target(`max by (instance, kind) (${select("tandem_sip_expiry_seconds", 'source="declared"')})`, "{{instance}} {{kind}}")],
    { custom: as_steps, legend: ["lastNotNull"] })],
  [8, stat("Certificates of the peer link",
    "The time until they expire; `tandem pki renew` makes new ones without an interruption.", "dtdurations",
    [now(`min by (instance, certificate) (${select("tandem_certificate_expiry_timestamp_seconds")}) - time()`,
      "{{instance}} {{certificate}}")],
    { thresholds: steps([null, colour.bad], [30 * 86400, colour.well]), decimals: 0 })],
];
