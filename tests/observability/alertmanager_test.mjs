// The example for Alertmanager, by amtool: it is read, each alert goes to the receiver of its severity, and what mutes and
// is muted exists. Wrong copies of it must be found. Ends with 1 on a finding.
//   TANDEM_NPM_PACKAGES=FOLDER node alertmanager_test.mjs
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { yaml } from "./packages.mjs";
import { all_rules, read_rules, root } from "./sources.mjs";
import { fail, finish, prove, say } from "./say.mjs";

const shipped = join(root, "manifests/prometheus/alertmanager.yaml");
const config = yaml.parse(readFileSync(shipped, "utf8"));
const rules = all_rules(read_rules());
const names = rules.map((rule) => rule.alert);

function amtool(...argv) {
  const { status, stdout, stderr, error } = spawnSync("amtool", argv, { encoding: "utf8" });
  if (error) fail(`amtool: ${error.message}; as root: scripts/install-deps test`);
  return { status, output: stdout.trim(), told: stderr.trim() };
}

say("amtool check-config");
const { status, output, told } = amtool("check-config", shipped);
if (status !== 0 || !/inhibit rules/.test(output)) fail(`${output} ${told}`);

const receivers = { critical: "page", warning: "ticket", info: "notes" };
// One question for each severity and for each group of rules: a process for each alert would take long.
const asked = [...new Map([...rules.map((rule) => [rule.labels.severity, rule]),
  ...read_rules().groups.map((group) => [group.name, group.rules[0]])]).values()];

function route_findings(path) {
  const route = (alert, severity) => amtool("config", "routes", "test", `--config.file=${path}`, `alertname=${alert}`,
    `severity=${severity}`, "job=tandem", "pair=montreal").output;
  const findings = asked.filter(({ alert, labels }) => route(alert, labels.severity) !== receivers[labels.severity])
    .map(({ alert, labels }) => `${alert}, ${labels.severity}, goes to ${route(alert, labels.severity)}`);
  if (route("NodeDown", "critical") === "page") findings.push("an alert of somebody else goes to the receiver `page`");
  return findings;
}

say(`where each of ${asked.length} alerts goes`);
for (const message of route_findings(shipped)) fail(message);
const folder = mkdtempSync(join(tmpdir(), "tandem-routes-"));
const wrong_routes = {
  "critical goes to the ticket": (copy) => (copy.route.routes[0].receiver = "ticket"),
  "info is left out": (copy) => copy.route.routes.pop() && (copy.route.receiver = "page"),
  "alerts of others": (copy) => copy.route.routes[0].matchers.shift(),
};
for (const [what, change] of Object.entries(wrong_routes)) {
  const copy = structuredClone(config);
  change(copy);
  const path = join(folder, "alertmanager.yaml");
  writeFileSync(path, yaml.stringify(copy));
  if (route_findings(path).length === 0) fail(`not found: ${what}`);
}
rmSync(folder, { recursive: true });

// What a matcher of alertname chooses: { names, matches(name) }.
function chooser(matcher) {
  const [, operator, value] = /^alertname(=~|!=|=)"(.+)"$/.exec(matcher);
  return {
    names: value.split("|").filter((name) => name !== "Tandem.+"),
    matches: (name) => (operator === "=~" ? new RegExp(`^(${value})$`).test(name) : (name === value) === (operator === "=")),
  };
}
const chosen = (matchers) => rules.filter((rule) => matchers.every((one) => chooser(one).matches(rule.alert)));
// It is counted over the nodes, and has lost their labels.
const of_the_pair = (rule) => /^(sum|count) by \(job, pair/m.test(rule.expr);

const checks = {
  "known": (rule) => [...rule.source_matchers, ...rule.target_matchers].flatMap((one) => chooser(one).names)
    .filter((name) => !names.includes(name)).map((name) => `${name} is no alert`),
  "used": (rule) => [rule.source_matchers, rule.target_matchers].filter((one) => chosen(one).length === 0)
    .map((one) => `${one} chooses nothing`),
  "not-itself": (rule) => chosen(rule.target_matchers).filter((one) => chosen(rule.source_matchers).includes(one))
    .map((one) => `${one.alert} may mute itself`),
  "labels-are-there": (rule) => (rule.equal.includes("instance") ? chosen(rule.target_matchers).filter(of_the_pair) : [])
    .map((one) => `${one.alert} is of the pair as a whole, and has no instance`),
  "one-pair": (rule) => (rule.equal.includes("instance") || rule.equal.includes("pair") ? [] : ["alerts of other pairs are muted"]),
  "critical-by-a-cause": (rule) => chosen(rule.target_matchers).filter((one) => one.labels.severity === "critical")
    .filter(({ alert }) => alert !== "TandemTelephonyDown").map(({ alert }) => `${alert} is critical, and must be told`),
};
const inhibition_findings = (given) => Object.entries(checks).flatMap(([rule, check]) =>
  given.inhibit_rules.flatMap(check).map((message) => ({ rule, message })));

say(`${config.inhibit_rules.length} rules that mute`);
for (const { rule, message } of inhibition_findings(config)) fail(`[${rule}] ${message}`);
const muting = (copy, target) => copy.inhibit_rules.find((rule) => rule.target_matchers[0].includes(target));
prove(Object.keys(checks), config, {
  "known": (copy) => (muting(copy, "DataTooOld").target_matchers = ['alertname="TandemDataOld"']),
  "used": (copy) => muting(copy, "DataTooOld").source_matchers.push('alertname="TandemNotReady"'),
  "not-itself": (copy) => (muting(copy, "NotReady").source_matchers = ['alertname=~"Tandem.+"']),
  "labels-are-there": (copy) => (muting(copy, "NodeNotScraped").equal = ["job", "instance"]),
  "one-pair": (copy) => (muting(copy, "PeerLinkDown").equal = ["job"]),
  "critical-by-a-cause": (copy) => (muting(copy, "PeerLinkDown").target_matchers = ['alertname="TandemNobodyServes"']),
}, inhibition_findings);

say("docs/monitoring.md names alerts that exist, and all that the walk of the lab fires");
const named = (path) => new Set(readFileSync(join(root, path), "utf8").match(/\bTandem[A-Z][a-zA-Z]+/g));
const told_in = { "docs/monitoring.md": named("docs/monitoring.md"), "scripts/lab.d/alerts.sh": named("scripts/lab.d/alerts.sh") };
for (const [path, found] of Object.entries(told_in))
  for (const name of found) if (!names.includes(name)) fail(`${path} names ${name}, which is no alert`);
const walk = readFileSync(join(root, "scripts/lab.d/alerts.sh"), "utf8").match(/^ {2}alarm .*/gm).join("\n");
for (const name of walk.match(/\bTandem[A-Z][a-zA-Z]+/g))
  if (!told_in["docs/monitoring.md"].has(name)) fail(`docs/monitoring.md does not name ${name}, which the walk fires`);
finish();
