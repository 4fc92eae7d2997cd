// The dashboards by every rule of dashboard_lint.mjs, each rule proved able to fail, and the files compared
// with what makes them. Ends with 1 on a finding.
//   TANDEM_NPM_PACKAGES=FOLDER node dashboard_test.mjs
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dashboard_findings, rule_names } from "./dashboard_lint.mjs";
import { all_panels, dashboard_names, dashboards_folder, panel_expressions, read_dashboard, read_dashboards } from "./sources.mjs";
import { fail, finish, prove, say } from "./say.mjs";

for (const dashboard of read_dashboards()) {
  say(`${dashboard.uid}: ${all_panels(dashboard).length} panels, ${panel_expressions(dashboard).length} expressions, `
    + `${rule_names.length} rules`);
  for (const { rule, message } of dashboard_findings(dashboard)) fail(`${dashboard.uid}: [${rule}] ${message}`);
}

say("each file is named as its dashboard, the dashboards differ, and they share their variables and a tag");
const dashboards = read_dashboards();
const shared = (dashboard) => JSON.stringify([dashboard.templating, dashboard.tags]);
dashboards.forEach((dashboard, index) => {
  if (dashboard.uid !== dashboard_names[index]) fail(`${dashboard_names[index]}.json has the uid ${dashboard.uid}`);
  if (shared(dashboard) !== shared(dashboards[0])) fail(`${dashboard.uid} has other variables or tags than ${dashboards[0].uid}`);
});
if (new Set(dashboards.map((one) => one.title)).size !== dashboards.length) fail("two dashboards have one title");
const opened = JSON.stringify(dashboards).matchAll(/"\/d\/([a-z-]+)/g);
for (const [, uid] of opened) if (!dashboard_names.includes(uid)) fail(`a panel opens ${uid}, which is no dashboard`);

say("the files are what make_dashboards.mjs writes");
const folder = mkdtempSync(join(tmpdir(), "tandem-dashboards-"));
try {
  execFileSync(process.execPath, [join(dashboards_folder, "make_dashboards.mjs"), folder]);
  const made = readdirSync(folder).sort();
  if (made.join() !== dashboard_names.map((name) => `${name}.json`).sort().join()) fail(`it writes ${made.join(", ")}`);
  for (const name of made)
    if (readFileSync(join(folder, name), "utf8") !== readFileSync(join(dashboards_folder, name), "utf8"))
      fail(`${name} is not: node manifests/grafana/make_dashboards.mjs manifests/grafana`);
} finally {
  rmSync(folder, { recursive: true });
}

say("each rule can fail");
const panel = (type) => (copy) => all_panels(copy).find((one) => !type || one.type === type);
const any = panel();
const query = (copy) => panel("timeseries")(copy).targets[0];
const find = (copy, text) => all_panels(copy).flatMap((one) => one.targets).find((one) => one.expr.includes(text));
const variable = (copy, name) => copy.templating.list.find((one) => one.name === name);
const list_variable = (name) => [
  (copy) => (copy.templating.list = copy.templating.list.filter((one) => one.name !== name)),
  (copy) => (variable(copy, name).multi = false),
  (copy) => (variable(copy, name).allValue = ".*"),
  (copy) => (variable(copy, name).refresh = 1),
  (copy) => (variable(copy, name).query.query = "label_values(up, pair)"),
  (copy) => (variable(copy, name).datasource.uid = "P1809F7CD0C75ACF3"),
];

// On the one that has a panel of every kind, and every use of a counter.
prove(rule_names, read_dashboard("tandem-node"), {
  "datasource-variable": [
    (copy) => copy.templating.list.push({ ...copy.templating.list[0] }),
    (copy) => (copy.templating.list[0].label = "Datasource"),
  ],
  "job-variable": list_variable("job"),
  "instance-variable": list_variable("instance"),
  "panel-datasource": [
    (copy) => (any(copy).datasource = { type: "prometheus", uid: "P1809F7CD0C75ACF3" }),
    (copy) => delete query(copy).datasource,
  ],
  "annotation-datasource": (copy) => (copy.annotations.list[0].datasource = { type: "prometheus", uid: "x" }),
  "annotations": (copy) => copy.annotations.list.shift(),
  "title": (copy) => (any(copy).title = " "),
  "unique-titles": (copy) => (all_panels(copy)[1].title = all_panels(copy)[0].title),
  "description": [(copy) => delete any(copy).description, (copy) => (any(copy).description = "todo")],
  "unit": (copy) => delete any(copy).fieldConfig.defaults.unit,
  "targets": [(copy) => (any(copy).targets = []), (copy) => (query(copy).expr = "")],
  "unique-refs": (copy) => any(copy).targets.push({ ...any(copy).targets[0] }),
  "unique-ids": (copy) => (copy.panels[1].id = copy.panels[2].id),
  "legend": (copy) => (query(copy).legendFormat = ""),
  "state-words": [
    (copy) => delete panel("state-timeline")(copy).fieldConfig.defaults.mappings,
    (copy) => delete panel("stat")(copy).fieldConfig.defaults.mappings[0].options["1"].color,
  ],
  "thresholds": (copy) => {
    const counted = all_panels(copy).find((one) => one.type === "stat" && one.fieldConfig.defaults.thresholds);
    delete counted.fieldConfig.defaults.thresholds;
  },
  "colours": (copy) => (panel("stat")(copy).fieldConfig.defaults.mappings[0].options["1"].color = "green"),
  "promql": (copy) => (query(copy).expr = 'sum by (tandem_condition{job=~"$job", instance=~"$instance"}'),
  "node-matchers": [
    (copy) => (query(copy).expr = query(copy).expr.replace(', instance=~"$instance"', "")),
    (copy) => (query(copy).expr = query(copy).expr.replace('job=~"$job", ', "")),
    (copy) => (find(copy, "ALERTS").expr = "ALERTS"),
  ],
  "counters": [
    (copy) => (find(copy, "rate(tandem_reconcile_total").expr =
      'sum(tandem_reconcile_total{job=~"$job", instance=~"$instance"})'),
    (copy) => (find(copy, "rate(tandem_reconcile_total").expr =
      'rate(tandem_reconcile_total{job=~"$job", instance=~"$instance"}[5m])'),
    (copy) => (find(copy, "tandem_resource_in_sync").expr =
      'rate(tandem_resource_in_sync{job=~"$job", instance=~"$instance"}[$__rate_interval])'),
  ],
  "rows": (copy) => (copy.panels = copy.panels.filter((one) => one.type !== "row")),
  "grid": [(copy) => (copy.panels[2].gridPos.x = 0), (copy) => (copy.panels[1].gridPos.w = 25)],
  "not-editable": (copy) => (copy.editable = true),
  "uid": (copy) => delete copy.uid,
  "no-id": (copy) => (copy.id = 7),
  "tags": (copy) => (copy.tags = []),
  "frame": (copy) => (copy.description = ""),
  "siblings": [
    (copy) => (copy.links = copy.links.filter((one) => one.type !== "dashboards")),
    (copy) => (copy.links.find((one) => one.type === "dashboards").includeVars = false),
    (copy) => (copy.links.find((one) => one.type === "dashboards").tags = ["others"]),
  ],
  "runbooks": [
    (copy) => (copy.links = copy.links.filter((one) => !one.url.endsWith("/README.md"))),
    (copy) => {
      const alerts = all_panels(copy).find((one) => one.title === "Alerts now");
      alerts.fieldConfig.overrides = [];
    },
  ],
}, dashboard_findings);
finish();
