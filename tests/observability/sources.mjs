// The rules and the dashboards as the tests read them, and all PromQL expressions in them.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { yaml } from "./packages.mjs";

export const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
export const rules_path = join(root, "manifests/prometheus/tandem.rules.yaml");
export const dashboards_folder = join(root, "manifests/grafana");
export const dashboard_names = ["tandem-pair", "tandem-node", "tandem-replication"];

export const read_rules = () => yaml.parse(readFileSync(rules_path, "utf8"));
export const read_dashboard = (name) => JSON.parse(readFileSync(join(dashboards_folder, `${name}.json`), "utf8"));
export const read_dashboards = () => dashboard_names.map(read_dashboard);

export function all_rules(rules) {
  return rules.groups.flatMap((group) => group.rules);
}

// Panels with those inside collapsed rows, without the rows themselves.
export function all_panels(dashboard) {
  return dashboard.panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]).filter((panel) => panel.type !== "row");
}

// [{ where, expression }]
export function rule_expressions(rules) {
  return all_rules(rules).map((rule) => ({ where: `alert ${rule.alert}`, expression: rule.expr }));
}

export function panel_expressions(dashboard) {
  const panels = all_panels(dashboard).flatMap((panel) =>
    panel.targets.map((target) => ({ where: `${dashboard.uid}: panel "${panel.title}" ${target.refId}`, expression: target.expr })));
  const annotations = dashboard.annotations.list.map((one) => ({
    where: `${dashboard.uid}: annotation "${one.name}"`, expression: one.target.expr, may_be_empty: true,
  }));
  return [...panels, ...annotations];
}
