// Prints the dashboard, tandem.json:
//   node manifests/grafana/make_dashboard.mjs > manifests/grafana/tandem.json
import {
  as_bars, as_steps, colour, coloured, column, dashed_objective, datasource, graph, heatmap, increase, mapping, now, rate,
  rows_now, select, stat, steps, table, target, timeline, wellness, yes_no,
} from "./panels.mjs";
import { replication } from "./replication_panels.mjs";

// `sed` puts your own address of the repository here: docs/monitoring.md.
const repository = "https://tandem.ha";

const condition_words = mapping(
  ["2", "well", colour.well], ["1", "unknown", colour.doubt], ["0", "not well", colour.bad]);
const one_of = (metric, matchers) => `max by (job, instance) (${select(metric, matchers)})`;

const without = (...names) => Object.fromEntries(names.map((name) => [name, true]));
const times = [...Array(11).keys()].map((n) => `Time ${n + 1}`); // joinByField numbers what it can not join

// --- rows of panels: [width, panel], in the order of reading

const glance = [
  [4, stat("Operators", "Whether the operator of each node answers Prometheus.", "none",
    [now(select("up"), "{{instance}}")], { mappings: yes_no("answers", "silent") })],
  [4, stat("All well", "The condition Ready: every other condition is well.", "none",
    [now(select("tandem_condition_well", 'type="Ready"'), "{{instance}}")],
    { mappings: yes_no("well", "look below") })],
  [4, stat("As declared", "The condition Converged: every resource is as pair.yaml says, or deferred by design.", "none",
    [now(select("tandem_condition_well", 'type="Converged"'), "{{instance}}")],
    { mappings: yes_no("as declared", "differs") })],
  [4, stat("Repairs allowed", "Whether spec.suspend or an order suspends the pair: while one does, nothing is changed on the node.", "none",
    [now(select("tandem_suspended"), "{{instance}}")],
    { mappings: mapping(["0", "repairs", colour.well], ["1", "suspended", colour.doubt]) })],
  [4, stat("Drift", "Fields that differ from the declaration at the last look, of all resources.", "short",
    [now(`sum by (job, instance) (${select("tandem_resource_drift_fields")})`, "{{instance}}")],
    { thresholds: steps([null, colour.well], [1, colour.doubt]) })],
  [4, stat("Alerts", "Firing alerts of this job's nodes, and of the pair as a whole.", "short",
    [now(`count(ALERTS{job=~"$job", instance=~"$instance", alertstate="firing"}) or vector(0)`, "of nodes"),
      now(`count(ALERTS{job=~"$job", instance="", alertstate="firing"}) or vector(0)`, "of the pair")],
    { thresholds: steps([null, colour.well], [1, colour.bad]) })],

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
        column("Operator", coloured(yes_no("answers", "silent"))),
        column("Does", coloured(mapping(["0", "serves", colour.well], ["1", "stands by", colour.other]))),
        column("All well", coloured(yes_no("yes", "no"))),
        column("As declared", coloured(yes_no("yes", "no"))),
        column("File accepted", coloured(yes_no("yes", "no"))),
        column("Suspended", coloured(mapping(["0", "no", colour.well], ["1", "yes", colour.doubt]))),
        column("Runs for", [{ id: "unit", value: "dtdurations" }, { id: "decimals", value: 0 }]),
      ],
    })],

  [24, table("Alerts now",
    "Alerts of these nodes and of the pair, pending and firing. A click on a name opens its runbook.",
    [rows_now('ALERTS{job=~"$job", instance=~"$instance"}'), rows_now('ALERTS{job=~"$job", instance=""}')],
    {
      transformations: [
        { id: "merge", options: {} },
        {
          id: "organize",
          options: {
            excludeByName: without("Time", "Value", "Value #A", "Value #B", "__name__", "job", "status"),
            indexByName: { alertname: 0, alertstate: 1, severity: 2, instance: 3, resource: 4, type: 5 },
            renameByName: {
              alertname: "Alert", alertstate: "State", severity: "Severity", instance: "Instance", resource: "Resource",
              type: "Condition",
            },
          },
        },
      ],
      overrides: [
        column("Alert", [{
          id: "links",
          value: [{ title: "Runbook", url: `${repository}/docs/runbooks/\${__value.text}.md`, targetBlank: true }],
        }]),
        column("Severity", coloured(mapping(
          ["critical", "critical", colour.bad], ["warning", "warning", colour.doubt], ["info", "info", colour.well]))),
      ],
    })],
];

const conditions = [
  [16, timeline("Conditions over time", "Each condition of each node. docs/operate.md tells what each means and what to do.",
    [target(wellness, "{{instance}} {{type}}")], condition_words)],
  [8, table("Not well now", "The conditions that are not well at this moment, with the node. Empty is good.",
    [rows_now(`(${wellness}) < 2`),
      rows_now(`time() - ${select("tandem_condition_last_transition_timestamp_seconds")} and on (job, instance, type) `
        + `(${select("tandem_condition_well")} == 0)`)],
    {
      transformations: [{ id: "merge", options: {} }, {
        id: "organize",
        options: {
          excludeByName: without("Time", "job", "pair"),
          indexByName: { "instance": 0, "type": 1, "Value #A": 2, "Value #B": 3 },
          renameByName: { "instance": "Instance", "type": "Condition", "Value #A": "State", "Value #B": "For" },
        },
      }],
      overrides: [
        column("State", coloured(condition_words)),
        column("For", [{ id: "unit", value: "dtdurations" }, { id: "decimals", value: 0 }]),
      ],
    })],
];

// The states and verdicts as numbers: of one node they take turns on one line.
const states = [["Serving", "serves", colour.well], ["Standby", "stands by", colour.none], ["Suspect", "suspects", colour.doubt],
  ["Isolated", "is cut off", colour.bad], ["Activating", "takes over", colour.doubt], ["Active", "has taken over", colour.other],
  ["FailbackHold", "holds before the failback", colour.other], ["Latched", "is latched", colour.bad],
  ["Deactivating", "gives back", colour.doubt], ["Faulted", "has failed", colour.bad], ["Maintenance", "is in maintenance", colour.none],
  ["Degraded", "does not answer SIP", colour.bad], ["Rejoining", "finds out", colour.doubt], ["Off", "is in no pair", colour.none]];
const verdicts = [["Serving", "serves", colour.well], ["Unknown", "is not known", colour.none], ["ServiceDown", "has no SIP", colour.bad],
  ["HostDown", "is down", colour.bad], ["Isolated", "not it: we are cut off", colour.doubt],
  ["Maintenance", "is in maintenance", colour.none]];
const in_turn = (metric, label, list) => "max by (job, instance) ("
  + list.map(([name], index) => `${index} * ${select(metric, `${label}="${name}"`)} == ${index}`)
    .map((one, index) => (index === 0 ? `0 * (${select(metric, `${label}="${list[0][0]}"`)} == 1)` : one)).join(" or ") + ")";
const in_words = (list) => mapping(...list.map(([, word, color], index) => [`${index}`, word, color]));

const failover = [
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
  [8, heatmap("How long takeovers take", "From the decision to the end, by their time: that is how long its own SIP was away at most.", "s",
    [target(`sum by (le) (${increase("tandem_takeover_duration_seconds_bucket")})`, "{{le}}", { format: "heatmap" })])],
  [16, graph("The downtime bound and the objective",
    "How long a phone may at most be without telephony when the primary dies, as the pair is now, against objectives.maxDowntime.", "s",
    [target(select("tandem_downtime_bound_seconds"), "{{instance}} bound"),
      target(select("tandem_downtime_objective_seconds"), "{{instance}} objective")],
    {
      custom: as_steps,
      legend: ["lastNotNull"],
      overrides: dashed_objective,
    })],
  [8, stat("Room below the objective", "The objective less the bound; below zero the pair can not keep what it declares.", "s",
    [now(`${one_of("tandem_downtime_objective_seconds")} - on (job, instance) ${one_of("tandem_downtime_bound_seconds")}`,
      "{{instance}}")],
    { thresholds: steps([null, colour.bad], [0, colour.well]) })],
  [24, timeline("Does it answer itself?",
    "SIP of each node at its own address, asked every 2 s by its own operator. A node that stands by is silent by design.",
    [target(select("tandem_probe_success", 'probe="own-sip"'), "{{instance}}")], yes_no("answers", "silent"))],
];

const resources = [
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

const declaration = [
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

const operator = [
  [8, graph("Memory", "Resident memory of the operator.", "bytes",
    [target(select("process_resident_memory_bytes"), "{{instance}}")])],
  [8, graph("CPU", "Share of one processor that the operator uses.", "percentunit",
    [target(rate("process_cpu_seconds_total"), "{{instance}}")], { legend: ["mean", "max"] })],
  [8, graph("File descriptors", "Open descriptors as a share of the limit of the process.", "percentunit",
    [target(`${select("process_open_fds")} / ${select("process_max_fds")}`, "{{instance}}")],
    { defaults: { thresholds: steps([null, colour.well], [0.8, colour.bad]) } })],
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

// --- the frame

function laid_out(sections) {
  const panels = [];
  let id = 0;
  let y = 0;
  const add = (panel, gridPos) => panels.push({ id: (id += 1), ...panel, gridPos });
  for (const [title, height, items] of sections) {
    add({ type: "row", title, collapsed: false, panels: [] }, { h: 1, w: 24, x: 0, y });
    y += 1;
    let x = 0;
    let highest = 0;
    for (const [w, panel] of items) {
      const h = panel.type === "stat" && w === 4 ? 5 : panel.type === "table" && w === 24 ? 6 : height;
      if (x + w > 24) {
        y += highest;
        x = highest = 0;
      }
      add(panel, { h, w, x, y });
      x += w;
      highest = Math.max(highest, h);
    }
    y += highest;
  }
  return panels;
}

function list_variable(name, label, query) {
  return {
    type: "query", name, label, datasource, query: { query, refId: `variable-${name}` },
    refresh: 2, sort: 1, multi: true, includeAll: true, allValue: ".+",
    current: { text: ["All"], value: ["$__all"] }, options: [], hide: 0, regex: "", skipUrlSync: false,
  };
}

function link(title, path, tooltip) {
  return {
    title, type: "link", url: `${repository}/${path}`, icon: "doc", tooltip, targetBlank: true, asDropdown: false,
    includeVars: false, keepTime: false, tags: [],
  };
}

function annotation(name, iconColor, expr, titleFormat, textFormat) {
  return {
    name, datasource, enable: true, hide: false, iconColor,
    target: { refId: "annotation", expr, interval: "30s" },
    titleFormat, textFormat, tagKeys: "instance,resource", useValueForTime: false,
  };
}

const dashboard = {
  uid: "tandem-pair",
  title: "Tandem: a telephony pair",
  description: "Whether both nodes are as pair.yaml declares, what is not well, and what the operators do about it.",
  tags: ["tandem", "telephony", "high-availability"],
  editable: false,
  graphTooltip: 1,
  schemaVersion: 39,
  version: 1,
  refresh: "30s",
  timezone: "browser",
  weekStart: "",
  fiscalYearStartMonth: 0,
  liveNow: false,
  time: { from: "now-6h", to: "now" },
  timepicker: {},
  links: [
    link("Runbooks", "docs/runbooks/README.md", "What each alert means and what to do"),
    link("Operating guide", "docs/operate.md", "Every condition, with what to do about it"),
  ],
  templating: {
    list: [
      {
        type: "datasource", name: "datasource", label: "Data source", query: "prometheus", refresh: 1, regex: "",
        current: {}, options: [], hide: 0, includeAll: false, multi: false, skipUrlSync: false,
      },
      list_variable("job", "Job", "label_values(tandem_build_info, job)"),
      list_variable("instance", "Node", 'label_values(tandem_build_info{job=~"$job"}, instance)'),
    ],
  },
  annotations: {
    list: [
      annotation("Declaration in force", colour.well, `changes(${select("tandem_spec_generation")}[$__rate_interval]) > 0`,
        "A declaration came in force", "{{instance}}"),
      annotation("Edit refused", colour.doubt, `${increase("tandem_spec_rejections_total")} > 0`,
        "An edit of pair.yaml was refused", "{{instance}}"),
      annotation("Repair", colour.other, `${increase("tandem_resource_repairs_total")} > 0`, "Repaired {{resource}}", "{{instance}}"),
      annotation("Operator started", colour.none, `changes(${select("process_start_time_seconds")}[$__rate_interval]) > 0`,
        "The operator was started", "{{instance}}"),
    ],
  },
  panels: laid_out([
    ["Is all as declared?", 6, glance],
    ["Conditions", 12, conditions],
    ["Takeover", 8, failover],
    ["Replication", 8, replication],
    ["Resources", 9, resources],
    ["Declaration", 8, declaration],
    ["The operators themselves", 7, operator],
  ]),
};

process.stdout.write(`${JSON.stringify(dashboard, null, 2)}\n`);
