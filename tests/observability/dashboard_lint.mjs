// What a dashboard must be, after the rules of Grafana's dashboard-linter and ours. Findings are
// { rule, message }; each rule is proved able to fail by dashboard_test.mjs.
import { all_panels, panel_expressions } from "./sources.mjs";
import { label_values, parsed, substituted } from "./promql.mjs";

const palette = ["#0072B2", "#D55E00", "#E69F00", "#999999", "#CC79A7"];
const metric_is_counter = (name) => /_(total|bucket|count|sum)$/.test(name);
const is_empty = (text) => typeof text !== "string" || text.trim() === "";
const is_ours = (source) => source?.type === "prometheus" && source?.uid === "${datasource}";
const variables = (dashboard, type) => dashboard.templating.list.filter((one) => one.type === type);
const variable = (dashboard, name) => dashboard.templating.list.find((one) => one.name === name);
const selectors = (dashboard) => panel_expressions(dashboard).flatMap(({ where, expression }) =>
  parsed(substituted(expression)).selectors.map((selector, index) =>
    ({ where, selector, written: parsed(expression).selectors[index] ?? selector })));

function* every_value(node) {
  yield node;
  if (node && typeof node === "object") for (const child of Object.values(node)) yield* every_value(child);
}

// A check gives messages; `of_panels` makes one of a check of a single panel.
const of_panels = (check) => (dashboard) => all_panels(dashboard).flatMap((panel) => {
  const message = check(panel);
  return message ? [`panel "${panel.title}" ${message}`] : [];
});
const when = (bad, message) => (bad ? [message] : []);

function list_variable(name, metric) {
  return (dashboard) => {
    const one = variable(dashboard, name);
    if (!one || one.type !== "query") return [`the variable ${name} must be a query`];
    const query = label_values(one.query?.query ?? "");
    return [
      ...when(!is_ours(one.datasource), `the variable ${name} must ask $datasource`),
      ...when(one.multi !== true || one.includeAll !== true || one.allValue !== ".+",
        `the variable ${name} must be multi, with All as .+`),
      ...when(one.refresh !== 2, `the variable ${name} must be refreshed when the time changes`),
      ...when(is_empty(one.label), `the variable ${name} must have a label`),
      ...when(!query || query.label !== name || !query.selector.startsWith(metric),
        `the variable ${name} must be label_values(${metric}..., ${name})`),
    ];
  };
}

function overlaps(dashboard) {
  const taken = new Map();
  const messages = [];
  for (const { title, gridPos } of dashboard.panels) {
    if (!gridPos || gridPos.x + gridPos.w > 24) messages.push(`panel "${title}" is outside of the grid`);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
        if (taken.has(`${x} ${y}`)) return [...messages, `panel "${title}" lies on "${taken.get(`${x} ${y}`)}"`];
        taken.set(`${x} ${y}`, title);
      }
  }
  return messages;
}

function node_matchers({ where, selector, written }) {
  const given = written.matchers.map((m) => `${m.label}${m.operator}"${m.value}"`);
  // An alert of the pair as a whole has no instance.
  const instance = selector.metric === "ALERTS" ? ['instance=~"$instance"', 'instance=""'] : ['instance=~"$instance"'];
  const good = given.includes('job=~"$job"') && instance.some((one) => given.includes(one));
  return good ? [] : [`${where}: ${written.text} must match job=~"$job", instance=~"$instance"`];
}

function counter_use({ where, selector, written }) {
  if (metric_is_counter(selector.metric) && !["rate", "increase"].includes(selector.called_by))
    return [`${where}: ${written.text} must be within rate or increase`];
  if (!metric_is_counter(selector.metric) && selector.range !== "" && selector.called_by !== "changes")
    return [`${where}: ${written.text} is no counter, and has a range`];
  return when(selector.range !== "" && written.range !== "$__rate_interval",
    `${where}: ${written.text} must range over $__rate_interval`);
}

const checks = {
  "datasource-variable": (dashboard) => {
    const found = variables(dashboard, "datasource");
    const good = found.length === 1 && found[0].name === "datasource" && found[0].label === "Data source"
      && found[0].query === "prometheus";
    return when(!good, "there must be one variable `datasource`, labelled Data source, of prometheus");
  },
  "job-variable": list_variable("job", "tandem_build_info"),
  "instance-variable": list_variable("instance", "tandem_build_info"),
  "panel-datasource": of_panels((panel) =>
    (is_ours(panel.datasource) && panel.targets.every((one) => is_ours(one.datasource)) ? null : "must use $datasource")),
  "annotation-datasource": (dashboard) => dashboard.annotations.list.flatMap((one) =>
    when(!is_ours(one.datasource) || is_empty(one.target?.expr), `annotation "${one.name}" must ask $datasource`)),
  "annotations": (dashboard) => ["tandem_spec_generation", "tandem_resource_repairs_total", "process_start_time_seconds"]
    .filter((metric) => !dashboard.annotations.list.some((one) => one.target.expr.includes(metric)))
    .map((metric) => `no annotation tells of ${metric}`),
  "title": of_panels((panel) => (is_empty(panel.title) ? "must have a title" : null)),
  "unique-titles": (dashboard) => {
    const titles = all_panels(dashboard).map((panel) => panel.title);
    return titles.filter((title, index) => titles.indexOf(title) !== index).map((title) => `two panels are called "${title}"`);
  },
  "description": of_panels((panel) =>
    (/^[A-Z].*\.$/s.test(panel.description ?? "") ? null : "must have a description in sentences")),
  "unit": of_panels((panel) => (is_empty(panel.fieldConfig?.defaults?.unit) ? "must have a unit" : null)),
  "targets": of_panels((panel) =>
    (panel.targets?.length > 0 && panel.targets.every((one) => !is_empty(one.expr)) ? null : "must have a query")),
  "unique-refs": of_panels((panel) =>
    (new Set(panel.targets.map((one) => one.refId)).size === panel.targets.length ? null : "has two queries of one refId")),
  "unique-ids": (dashboard) => {
    const ids = dashboard.panels.map((panel) => panel.id);
    return when(new Set(ids).size !== ids.length || ids.some((id) => !Number.isInteger(id)), "panel ids must be unique numbers");
  },
  "legend": of_panels((panel) =>
    (panel.type === "table" || panel.targets.every((one) => !is_empty(one.legendFormat)) ? null : "must name its series")),
  "state-words": of_panels((panel) => {
    const states = panel.type === "state-timeline" || (panel.type === "stat" && panel.fieldConfig.defaults.unit === "none");
    const values = panel.fieldConfig?.defaults?.mappings?.flatMap((one) => Object.values(one.options)) ?? [];
    const told = values.length > 1 && values.every((one) => one.text && one.color);
    return states && !told ? "must map its states to words and colours" : null;
  }),
  "thresholds": of_panels((panel) =>
    (panel.type !== "stat" || panel.fieldConfig.defaults.mappings || panel.fieldConfig.defaults.thresholds?.steps?.length > 1
      ? null : "must have thresholds")),
  "colours": (dashboard) => [...every_value(dashboard)]
    .flatMap((one) => [one?.color, one?.fixedColor, one?.iconColor])
    .filter((color) => typeof color === "string" && !palette.includes(color))
    .map((color) => `the colour ${color} is not of the palette that the colour-blind can tell apart`),
  "promql": (dashboard) => panel_expressions(dashboard).flatMap(({ where, expression }) => {
    const { error } = parsed(substituted(expression));
    return when(error, `${where}: ${error}`);
  }),
  "node-matchers": (dashboard) => selectors(dashboard).flatMap(node_matchers),
  "counters": (dashboard) => selectors(dashboard).flatMap(counter_use),
  "rows": (dashboard) => {
    const rows = dashboard.panels.filter((panel) => panel.type === "row");
    return [...when(rows.length < 2 || dashboard.panels[0]?.type !== "row", "panels must stand in rows"),
      ...rows.filter((row) => is_empty(row.title)).map(() => "a row must have a title")];
  },
  "grid": overlaps,
  "not-editable": (dashboard) => when(dashboard.editable !== false, '"editable" must be false'),
  "uid": (dashboard) => when(!/^[a-z0-9-]{4,40}$/.test(dashboard.uid ?? ""), "must have a stable uid"),
  "no-id": (dashboard) => when("id" in dashboard, "must have no id: Grafana gives its own"),
  "tags": (dashboard) => when(!(dashboard.tags?.length > 0), "must have tags"),
  "frame": (dashboard) => when(is_empty(dashboard.title) || is_empty(dashboard.description) || is_empty(dashboard.refresh)
    || is_empty(dashboard.time?.from), "must have title, description, refresh and a time"),
  "siblings": (dashboard) => {
    const link = dashboard.links.find((one) => one.type === "dashboards");
    const good = link?.includeVars === true && link.keepTime === true && link.tags?.length > 0
      && link.tags.every((tag) => dashboard.tags?.includes(tag));
    return when(!good, "must link to the others by a tag of its own, with data source, nodes and time");
  },
  "runbooks": (dashboard) => {
    const urls = [...every_value(dashboard)].map((one) => one?.url).filter((url) => typeof url === "string");
    return [
      ...when(!dashboard.links.some((link) => link.url.endsWith("/docs/runbooks/README.md")), "must link to the runbooks"),
      ...when(!urls.includes("https://tandem.ha/docs/runbooks/${__value.text}.md"), "an alert must link to its own runbook"),
    ];
  },
};

export const rule_names = Object.keys(checks);

export function dashboard_findings(dashboard) {
  return rule_names.flatMap((rule) => checks[rule](dashboard).map((message) => ({ rule, message })));
}
