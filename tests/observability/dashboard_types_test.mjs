// The dashboards, type-checked by TypeScript against Grafana's own types: the whole, and the options and
// field settings of each panel by its kind. Wrong copies must be refused.
//   TANDEM_NPM_PACKAGES=FOLDER node dashboard_types_test.mjs
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packages } from "./packages.mjs";
import { all_panels, dashboard_names, read_dashboard } from "./sources.mjs";
import { fail, finish, say } from "./say.mjs";

// Where Grafana keeps the types of a kind of panel, and whether it has settings for its fields.
const kinds = {
  "heatmap": ["heatmap/panelcfg/x/HeatmapPanelCfg_types.gen", true],
  "stat": ["stat/panelcfg/x/StatPanelCfg_types.gen", false],
  "state-timeline": ["statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen", true],
  "table": ["table/panelcfg/x/TablePanelCfg_types.gen", true],
  "timeseries": ["timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen", true],
};
const alias = (kind) => kind.replaceAll("-", "_");

// The words of a data source's own query, and of its annotations, are in none of Grafana's types.
function typed_part(dashboard) {
  const copy = structuredClone(dashboard);
  for (const one of copy.annotations.list) {
    for (const word of ["expr", "interval"]) delete one.target[word];
    for (const word of ["titleFormat", "textFormat", "tagKeys", "useValueForTime"]) delete one[word];
  }
  return copy;
}

function program(dashboard) {
  const lines = [
    'import type { Dashboard } from "@grafana/schema";',
    ...Object.entries(kinds).map(([kind, [path, fields]]) =>
      `import type { Options as ${alias(kind)}_options${fields ? `, FieldConfig as ${alias(kind)}_fields` : ""} }`
      + ` from "@grafana/schema/dist/esm/raw/composable/${path}";`),
    "// JSON has an enum's value where TypeScript wants its name; and Grafana fills in what is left out.",
    "type Json<T> = T extends string ? `${T}` : T extends object ? { [K in keyof T]?: Json<T[K]> } : T;",
    `export const whole: Json<Dashboard> = ${JSON.stringify(typed_part(dashboard), null, 1)};`,
  ];
  all_panels(dashboard).forEach((panel, index) => {
    const [, fields] = kinds[panel.type] ?? fail(`panel "${panel.title}": no types are known for ${panel.type}`) ?? [];
    const name = alias(panel.type);
    lines.push(`export const options_${index}: Json<${name}_options> = ${JSON.stringify(panel.options)};`);
    if (fields)
      lines.push(`export const fields_${index}: Json<${name}_fields> = ${JSON.stringify(panel.fieldConfig.defaults.custom ?? {})};`);
  });
  return `${lines.join("\n")}\n`;
}

const find = (copy, type) => all_panels(copy).find((panel) => panel.type === type);
const wrong = {
  "a width where a grid position has w": (copy) => (copy.panels[1].gridPos.width = 4),
  "a word for graphTooltip": (copy) => (copy.graphTooltip = "shared"),
  "a misspelt field of the dashboard": (copy) => (copy.timezon = "utc"),
  "a variable of an unknown kind": (copy) => (copy.templating.list[0].type = "data-source"),
  "an option that a time series does not have": (copy) => (find(copy, "timeseries").options.legends = {}),
  "a draw style that does not exist": (copy) => (find(copy, "timeseries").fieldConfig.defaults.custom.drawStyle = "dots"),
  "a colour mode that a stat does not have": (copy) => (find(copy, "stat").options.colorMode = "blink"),
};

const folder = join(packages, "types");
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const file_name = (name) => name.replaceAll("-", "_");
const write = (name, dashboard) => writeFileSync(join(folder, `${name}.ts`), program(dashboard));
for (const name of dashboard_names) write(file_name(name), read_dashboard(name));
Object.values(wrong).forEach((change, index) => {
  const copy = read_dashboard("tandem-node");
  change(copy);
  write(`wrong_${index}`, copy);
});

say(`${dashboard_names.length} dashboards and ${Object.keys(wrong).length} wrong copies of one, by tsc and @grafana/schema`);
const tsc = join(packages, "node_modules/typescript/bin/tsc");
const files = [...dashboard_names.map(file_name), ...Object.keys(wrong).map((_, index) => `wrong_${index}`)].map((name) => `${name}.ts`);
const { stdout, stderr, error } = spawnSync(process.execPath, [
  tsc, "--noEmit", "--strict", "--skipLibCheck", "--pretty", "false", "--target", "es2022",
  "--module", "esnext", "--moduleResolution", "bundler", ...files,
], { cwd: folder, encoding: "utf8", maxBuffer: 1 << 26 });
if (error) fail(`tsc: ${error.message}`);
const lines = `${stdout}${stderr}`.split("\n").filter((line) => line !== "");
const of_file = (name) => lines.filter((line) => line.startsWith(`${name}.ts(`));
for (const line of lines)
  if (!/^(wrong_\d+\.ts\(|\s)/.test(line)) fail(line.slice(0, 600));
Object.keys(wrong).forEach((what, index) => {
  if (of_file(`wrong_${index}`).length === 0) fail(`not refused: ${what}`);
});
finish();
