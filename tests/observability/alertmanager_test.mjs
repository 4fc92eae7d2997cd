// The example for Alertmanager, by amtool: it is read, each alert goes to the receiver of its severity, and what mutes and
// is muted exists. Ends with 1 on a finding.
//   TANDEM_NPM_PACKAGES=FOLDER node alertmanager_test.mjs
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { yaml } from "./packages.mjs";
import { all_rules, read_rules, root } from "./sources.mjs";
import { fail, finish, say } from "./say.mjs";

const path = join(root, "manifests/prometheus/alertmanager.yaml");
const config = yaml.parse(readFileSync(path, "utf8"));
const rules = all_rules(read_rules());
const names = rules.map((rule) => rule.alert);

function amtool(...argv) {
  const { status, stdout, stderr, error } = spawnSync("amtool", argv, { encoding: "utf8" });
  if (error) fail(`amtool: ${error.message}; as root: scripts/install-deps test`);
  return { status, output: stdout.trim(), told: stderr.trim() };
}

say("amtool check-config");
const { status, output, told } = amtool("check-config", path);
if (status !== 0 || !/inhibit rules/.test(output)) fail(`${output} ${told}`);

say(`where each of ${names.length} alerts goes`);
const receivers = { critical: "page", warning: "ticket", info: "notes" };
// One question for each severity, and for one alert of each group of rules: a process for each alert would take long.
const asked = new Map(rules.map((rule) => [rule.labels.severity, rule]));
for (const group of read_rules().groups) asked.set(group.name, group.rules[0]);
for (const { alert, labels } of asked.values()) {
  const route = amtool("config", "routes", "test", `--config.file=${path}`, `alertname=${alert}`, `severity=${labels.severity}`,
    "job=tandem", "pair=montreal");
  if (route.output !== receivers[labels.severity]) fail(`${alert}, ${labels.severity}, goes to ${route.output}`);
}
const other = amtool("config", "routes", "test", `--config.file=${path}`, "alertname=NodeDown", "severity=critical");
if (other.output === "page") fail("an alert of somebody else goes to the receiver `page`");

say("what mutes and what is muted are alerts of ours, none mutes itself, and each has the labels that must be equal");
const pattern = /^alertname(=~|!=|=)"(.+)"$/;
function chosen(matchers) {
  const tests = matchers.map((one) => {
    const [, operator, value] = pattern.exec(one) ?? fail(`not understood: ${one}`) ?? [];
    for (const name of String(value).split("|"))
      if (name !== "Tandem.+" && !names.includes(name)) fail(`${one} names ${name}, which is no alert`);
    return (name) => (operator === "=~" ? new RegExp(`^(${value})$`).test(name) : (name === value) === (operator === "="));
  });
  return rules.filter((rule) => tests.every((test) => test(rule.alert)));
}
// An alert of the pair as a whole is counted over the nodes, and has lost their labels.
const of_the_pair = (rule) => /^(sum|count) by \(job, pair/.test(rule.expr) || /^count by \(job, pair/m.test(rule.expr);
let muted = 0;
for (const { source_matchers, target_matchers, equal } of config.inhibit_rules) {
  const sources = chosen(source_matchers);
  const targets = chosen(target_matchers);
  if (sources.length === 0 || targets.length === 0) fail(`mutes nothing: ${source_matchers} ${target_matchers}`);
  for (const one of targets) if (sources.includes(one)) fail(`${one.alert} may mute itself`);
  if (equal.includes("instance") && targets.some(of_the_pair)) fail(`${target_matchers}: an alert of the pair has no instance`);
  if (!equal.includes("instance") && !equal.includes("pair")) fail(`${source_matchers} mutes alerts of other pairs`);
  muted += targets.length;
}
console.log(`    ${config.inhibit_rules.length} rules, by which ${muted} alerts may be muted`);
finish();
