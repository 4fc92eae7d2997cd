// What a dashboard begins with, and what several of them have: states in words, conditions, alerts.
import {
  colour, coloured, column, mapping, now, rows_now, select, stat, steps, table, target, timeline, wellness, yes_no,
} from "./panels.mjs";

// `sed` puts your own address of the repository here: docs/monitoring.md.
export const repository = "https://tandem.ha";

const condition_words = mapping(
  ["2", "well", colour.well], ["1", "unknown", colour.doubt], ["0", "not well", colour.bad]);
export const one_of = (metric, matchers) => `max by (job, instance) (${select(metric, matchers)})`;

export const without = (...names) => Object.fromEntries(names.map((name) => [name, true]));

// The states and verdicts as numbers: of one node they take turns on one line.
export const states = [["Serving", "serves", colour.well], ["Standby", "stands by", colour.none], ["Suspect", "suspects", colour.doubt],
  ["Isolated", "is cut off", colour.bad], ["Activating", "takes over", colour.doubt], ["Active", "has taken over", colour.other],
  ["FailbackHold", "holds before the failback", colour.other], ["Latched", "is latched", colour.bad],
  ["Deactivating", "gives back", colour.doubt], ["Faulted", "has failed", colour.bad], ["Maintenance", "is in maintenance", colour.none],
  ["Degraded", "does not answer SIP", colour.bad], ["Rejoining", "finds out", colour.doubt], ["Off", "is in no pair", colour.none]];
export const verdicts = [["Serving", "serves", colour.well], ["Unknown", "is not known", colour.none],
  ["ServiceDown", "has no SIP", colour.bad], ["HostDown", "is down", colour.bad], ["Isolated", "not it: we are cut off", colour.doubt],
  ["Maintenance", "is in maintenance", colour.none]];
export const in_turn = (metric, label, list) => "max by (job, instance) ("
  + list.map(([name], index) => `${index} * ${select(metric, `${label}="${name}"`)} == ${index}`)
    .map((one, index) => (index === 0 ? `0 * (${select(metric, `${label}="${list[0][0]}"`)} == 1)` : one)).join(" or ") + ")";
export const in_words = (list) => mapping(...list.map(([, word, color], index) => [`${index}`, word, color]));

// What two dashboards show of each node.
export const of_each_node = {
  answers: stat("Operators", "Whether the operator of each node answers Prometheus.", "none",
    [now(select("up"), "{{instance}}")], { mappings: yes_no("answers", "silent") }),
  well: stat("All well", "The condition Ready: every other condition is well.", "none",
    [now(select("tandem_condition_well", 'type="Ready"'), "{{instance}}")],
    { mappings: yes_no("well", "look below") }),
  declared: stat("As declared", "The condition Converged: every resource is as pair.yaml says, or deferred by design.", "none",
    [now(select("tandem_condition_well", 'type="Converged"'), "{{instance}}")],
    { mappings: yes_no("as declared", "differs") }),
  repairs: stat("Repairs allowed",
    "Whether spec.suspend or an order suspends the pair: while one does, nothing is changed on the node.", "none",
    [now(select("tandem_suspended"), "{{instance}}")],
    { mappings: mapping(["0", "repairs", colour.well], ["1", "suspended", colour.doubt]) }),
  drift: stat("Drift", "Fields that differ from the declaration at the last look, of all resources.", "short",
    [now(`sum by (job, instance) (${select("tandem_resource_drift_fields")})`, "{{instance}}")],
    { thresholds: steps([null, colour.well], [1, colour.doubt]) }),
};

export const alerts_firing = stat("Alerts", "Firing alerts of this job's nodes, and of the pair as a whole.", "short",
  [now(`count(ALERTS{job=~"$job", instance=~"$instance", alertstate="firing"}) or vector(0)`, "of nodes"),
    now(`count(ALERTS{job=~"$job", instance="", alertstate="firing"}) or vector(0)`, "of the pair")],
  { thresholds: steps([null, colour.well], [1, colour.bad]) });

export const alerts_now = table("Alerts now",
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
  });

export const conditions = [
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
