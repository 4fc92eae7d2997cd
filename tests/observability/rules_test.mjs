// The alerts: what each must have, its cases, its runbook; then promtool itself. Ends with 1 on a finding.
//   TANDEM_NPM_PACKAGES=FOLDER node rules_test.mjs WORK_FOLDER
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { yaml } from "./packages.mjs";
import { rule_names, rules_findings } from "./rules_lint.mjs";
import { all_rules, read_rules, root, rules_path } from "./sources.mjs";
import { fail, finish, prove, say } from "./say.mjs";

const work = process.argv[2];
const tests_folder = join(root, "manifests/prometheus");
const runbooks_folder = join(root, "docs/runbooks");
const test_files = readdirSync(tests_folder).filter((name) => name.endsWith(".test.yaml"));

function run(program, ...argv) {
  return new Promise((done) => {
    const child = spawn(program, argv, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (text) => (output += text));
    child.stderr.on("data", (text) => (output += text));
    child.on("error", (error) => done({ status: -1, output: `${program}: ${error.message}` }));
    child.on("close", (status) => done({ status, output }));
  });
}

async function promtool(what, ...argv) {
  const { status, output } = await run("promtool", ...argv);
  if (status !== 0) fail(`${what}: ${output}`);
  return output;
}

const given = {
  rules: read_rules(),
  tests: test_files.map((name) => yaml.parse(readFileSync(join(tests_folder, name), "utf8"))),
  runbooks: Object.fromEntries(
    readdirSync(runbooks_folder).map((name) => [name, readFileSync(join(runbooks_folder, name), "utf8")])),
};
const alerts = all_rules(given.rules).map((rule) => rule.alert);

say(`${alerts.length} alerts by ${rule_names.length} rules`);
for (const { rule, message } of rules_findings(given)) fail(`[${rule}] ${message}`);

say("each rule can fail");
const first = (copy) => all_rules(copy.rules)[0];
const without_cases = (copy, fires) => {
  for (const test of copy.tests.flatMap((file) => file.tests).filter((one) => one.alert_rule_test))
    test.alert_rule_test = test.alert_rule_test.filter((one) =>
      one.alertname !== alerts[0] || (one.exp_alerts ?? []).length > 0 !== fires);
};
prove(rule_names, given, {
  "name": (copy) => (first(copy).alert = "operator_absent"),
  "for": [(copy) => delete first(copy).for, (copy) => (first(copy).for = "0s")],
  "severity": (copy) => (first(copy).labels.severity = "page"),
  "summary-is-static": [
    (copy) => (first(copy).annotations.summary = "The operator of {{ $labels.instance }} does not answer."),
    (copy) => (first(copy).annotations.summary = "The operator does not answer"),
  ],
  "description-is-templated": (copy) => (first(copy).annotations.description = "It does not answer."),
  "promql": (copy) => (first(copy).expr = "sum by (up"),
  "job-of-general-metrics": (copy) => (first(copy).expr = "up == 0"),
  "runbook-url": (copy) => (first(copy).annotations.runbook_url += "x"),
  "runbook": [
    (copy) => delete copy.runbooks[`${alerts[0]}.md`],
    (copy) => (copy.runbooks[`${alerts[0]}.md`] = `# ${alerts[0]}\n\n## Meaning\n`),
  ],
  "runbook-is-listed": (copy) => (copy.runbooks["README.md"] = "nothing"),
  "firing-case": (copy) => without_cases(copy, true),
  "silent-case": (copy) => without_cases(copy, false),
  "unique": (copy) => copy.rules.groups[0].rules.push(first(copy)),
  "orphan-runbook": (copy) => (copy.runbooks["TandemNothing.md"] = ""),
}, rules_findings);

say("promtool check config, check rules");
await promtool("check config", "check", "config", join(root, "manifests/prometheus/prometheus.yaml"));
const checked = await promtool("check rules", "check", "rules", rules_path);
if (!checked.includes(`${alerts.length} rules found`)) fail(`promtool sees other rules: ${checked}`);

// Promtool evaluates all rules of a file for each case, which takes minutes here: cases of one alert get a file with
// that rule alone.
const every_test = given.tests.flatMap((file) => file.tests.map((test) => ({ test, every: file.evaluation_interval })));
const is_of = (name) => ({ test }) => test.alert_rule_test?.length > 0 && !test.promql_expr_test &&
  test.alert_rule_test.every((one) => one.alertname === name);

// One file of tests for each interval of evaluation; their paths.
function write_tests(folder, name, rules, chosen) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.rules.yaml`), yaml.stringify({ groups: [{ name, rules }] }));
  return [...new Set(chosen.map((one) => one.every))].map((evaluation_interval) => {
    const file = join(folder, `${name}.${evaluation_interval}.test.yaml`);
    const tests = chosen.filter((one) => one.every === evaluation_interval).map((one) => one.test);
    writeFileSync(file, yaml.stringify({ rule_files: [`${name}.rules.yaml`], evaluation_interval, tests },
      { aliasDuplicateObjects: false }));
    return file;
  });
}
const write_by_alert = (folder, chosen, change = () => {}) => chosen.flatMap((rule) => {
  const copy = structuredClone(rule);
  change(copy);
  return write_tests(folder, rule.alert, [copy], every_test.filter(is_of(rule.alert)));
});

const of_several = every_test.filter((one) => !alerts.some((name) => is_of(name)(one)));
say(`promtool test rules: ${every_test.length} tests of ${test_files.length} files, ${of_several.length} of several alerts`);
const as_they_are = join(work, "as-they-are");
await promtool("test rules", "test", "rules", ...write_by_alert(as_they_are, all_rules(given.rules)),
  ...write_tests(as_they_are, "several", all_rules(given.rules), of_several));

// A silent case that would be silent whatever the rule says proves nothing. Without its `for` each alert
// must fail one of its cases; so must each that asks for a status of a condition, without that matcher.
async function must_fail(what, change, whose) {
  const chosen = all_rules(given.rules).filter(whose);
  const files = write_by_alert(join(work, what.replaceAll(" ", "-")), chosen, change);
  const { output } = await run("promtool", "test", "rules", ...files);
  const failed = new Set([...output.matchAll(/alertname: ?(\w+), time/g)].map((found) => found[1]));
  const survivors = chosen.map((rule) => rule.alert).filter((alert) => !failed.has(alert));
  for (const alert of survivors) fail(`${what}: no case of ${alert} fails`);
  console.log(`    ${what}: of ${chosen.length} alerts ${chosen.length - survivors.length} fail a case, as they must`);
}

say("the silent cases are close to the border");
const status = /,status="\w+"/g;
await Promise.all([
  must_fail("without for", (rule) => (rule.for = "0s"), () => true),
  must_fail("without status", (rule) => (rule.expr = rule.expr.replace(status, "")),
    (rule) => /^tandem_condition\{[^}]*,status="\w+"\} == 1$/.test(rule.expr)),
]);
finish();
