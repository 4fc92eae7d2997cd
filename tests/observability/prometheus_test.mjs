// Asks a real Prometheus that scrapes running operators: does everything that the alerts, their tests and
// the dashboards name exist? Ends with 1 where something does not.
//   TANDEM_NPM_PACKAGES=FOLDER node prometheus_test.mjs URL
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { yaml } from "./packages.mjs";
import { Prometheus } from "./prometheus_api.mjs";
import { label_values, parsed, substituted } from "./promql.mjs";
import { selection_findings } from "./selections.mjs";
import { fail, finish, say } from "./say.mjs";
import { all_rules, panel_expressions, read_dashboards, read_rules, root, rule_expressions } from "./sources.mjs";

const prometheus = new Prometheus(process.argv[2]);
const wait_limit = 60; // seconds, for what comes with the next scrapes

// The last answer of `question` when `enough` holds, or when the time is over.
async function eventually(question, enough) {
  const end = Date.now() + wait_limit * 1000;
  for (;;) {
    const answer = await question();
    if (enough(answer) || Date.now() > end) return answer;
    await new Promise((done) => setTimeout(done, 200));
  }
}

const rules = rule_expressions(read_rules());
const panels = read_dashboards().flatMap(panel_expressions).map((one) => ({ ...one, expression: substituted(one.expression) }));
// All dashboards share them: dashboard_test.mjs.
const variables = read_dashboards()[0].templating.list.filter((one) => one.type === "query").map((one) => {
  const { selector, label } = label_values(substituted(one.query.query));
  return { where: `variable ${one.name}`, expression: `count by (${label}) (${selector})` };
});

say("the states of the pair have reached Prometheus");
for (const state of ['tandem_node_info{role="off"}', 'tandem_condition{type="PairFileTaken"}', 'tandem_condition{type="ExpiryAppliedLive"}',
  'tandem_condition{type="RegistrarCopiesCurrent"}', 'tandem_replication_last_proof_timestamp_seconds{kind="database"}',
  'ALERTS{alertstate="firing",instance=""}', 'ALERTS{alertstate="firing",instance!=""}']) {
  const found = await eventually(() => prometheus.query(state), (result) => result.length > 0);
  if (found.length === 0) fail(`${state} did not come within ${wait_limit} s`);
}

say("every expression is answered, and every one of a dashboard with something");
let answers = 0;
const asked = [...rules.map((one) => ({ ...one, may_be_empty: true })), ...panels, ...variables];
for (const { where, expression, may_be_empty } of asked) {
  const may_end = (result) => may_be_empty || result.length > 0;
  const result = await eventually(() => prometheus.query(expression), may_end)
    .catch((error) => fail(`${where}: ${error.message}`));
  if (result && !may_end(result)) fail(`${where} shows nothing: ${expression}`);
  answers += result?.length ?? 0;
}
console.log(`    ${rules.length} of alerts, ${panels.length} of panels and annotations, ${variables.length} of variables: `
  + `${answers} series`);

say("every selector, every value in a matcher and every grouping label exists");
const everything = [...rules, ...panels, ...variables];
for (const { where, expression } of everything)
  for (const finding of await selection_findings(prometheus, where, expression)) fail(finding);
const selectors = everything.flatMap(({ expression }) => parsed(expression).selectors);
console.log(`    ${selectors.length} selectors, ${new Set(selectors.map((one) => one.text)).size} different, of `
  + `${new Set(selectors.map((one) => one.metric)).size} metrics`);

// A case that feeds an alert with a series that no operator exports proves nothing.
say("what the cases of the alerts are fed with is exported");
const of_one_pair = ["job", "instance", "pair", "node", "version", "revision", "product", "sha256", "le", "target"];
const folder = join(root, "manifests/prometheus");
const case_files = readdirSync(folder).filter((name) => name.endsWith(".test.yaml"));
const fed = new Set(case_files.flatMap((name) => yaml.parse(readFileSync(join(folder, name), "utf8")).tests)
  .flatMap((test) => test.input_series).map((one) => {
    const { metric, matchers } = parsed(one.series).selectors[0];
    const kept = matchers.filter((m) => !of_one_pair.includes(m.label)).map((m) => `${m.label}="${m.value}"`);
    return `${metric}{${['job="tandem"', ...kept].join(",")}}`;
  }));
for (const selector of fed)
  if ((await prometheus.series(selector)).length === 0) fail(`a case is fed with ${selector}, which is never exported`);
console.log(`    ${fed.size} different series`);

say("the dashboards show what the alerts look at, and the other way round");
const metrics_of = (list) => new Set(list.flatMap(({ expression }) => parsed(expression).selectors.map((one) => one.metric)));
const shown = metrics_of(panels);
for (const metric of metrics_of(rules)) if (!shown.has(metric)) fail(`alerts use ${metric}, and no panel shows it`);
const exported = new Set((await prometheus.series('{job="tandem",__name__=~"tandem_.+"}')).map((one) => one.__name__));
for (const metric of exported)
  if (!shown.has(metric) && !/_(sum|count)$/.test(metric)) fail(`the operator exports ${metric}, and no panel shows it`);

// These have a metric of their own, from which their alert is told.
const told_by = {
  Suspended: "tandem_suspended", DowntimeObjectiveMet: "tandem_downtime_bound_seconds", SpecInSync: "tandem_spec_info",
  Converged: "tandem_resource_drift_fields", OwnSipAnswers: "tandem_probe_success",
};
say("each condition has an alert");
// A matcher that leaves a condition out of an alert does not make it the alert of that condition.
const matchers = rules.flatMap(({ expression }) => parsed(expression).selectors.flatMap((one) => one.matchers));
const alerted = new Set(matchers.filter((one) => one.label === "type" && !one.operator.startsWith("!"))
  .flatMap((one) => one.value.split("|")));
for (const type of await prometheus.label_values("type", "tandem_condition"))
  if (!alerted.has(type) && !(type in told_by)) fail(`no alert names the condition ${type}`);
for (const [type, metric] of Object.entries(told_by))
  if (!metrics_of(rules).has(metric)) fail(`no alert uses ${metric}, by which ${type} is told`);

say("a wrong name is found");
const expression_of = (name) => all_rules(read_rules()).find((rule) => rule.alert === name).expr;
const panel_with = (text) => panels.find((one) => one.expression.includes(text)).expression;
const wrong = {
  "a metric that does not exist": [expression_of("TandemSuspendedLong"), "tandem_suspended", "tandem_suspend"],
  "a condition that does not exist": [expression_of("TandemSpecNotKept"), '"SpecKept"', '"SpecStored"'],
  "a status that does not exist": [expression_of("TandemSpecNotKept"), '"False"', '"false"'],
  "a label that does not exist": [expression_of("TandemChangeWaits"), "result=", "outcome="],
  "one of several results": [expression_of("TandemDriftStays"), "Deferred", "Defered"],
  "a condition that is left out": [expression_of("TandemConditionUnknown"), "Ready|", "Redy|"],
  "a label of a join": [expression_of("TandemDriftStays"), "(job, instance, resource)", "(job, instance, ressource)"],
  "a label of an aggregation": [expression_of("TandemRoleDeclaredTwice"), "(job, pair, role)", "(job, pair, rule)"],
  "a metric of a panel": [panel_with("process_open_fds"), "process_open_fds", "process_open_files"],
  "a result of a panel": [panel_with('result="Failed"'), "Failed", "Failure"],
  "a source of a panel": [panel_with('source="declared"'), "declared", "told"],
  "a state of an alert": [expression_of("TandemSecondaryServes"), "FailbackHold", "Failback"],
  "a kind of copy": [expression_of("TandemDataTooOld"), 'kind="database"', 'kind="databases"'],
  "a reason of a panel": [panel_with("tandem_replication_failures_total"), "(instance, kind, reason)", "(instance, kind, cause)"],
  "a metric of the stream": [expression_of("TandemStreamLags"), "stream_lag_seconds", "lag_seconds"],
  "a feature of a panel": [panel_with("tandem_divergence_rows"), "(feature)", "(kind)"],
  "a verdict": [expression_of("TandemSecondaryCutOff"), "Isolated", "CutOff"],
};
for (const [what, [expression, from, to]] of Object.entries(wrong)) {
  const changed = expression.replaceAll(from, to);
  if (changed === expression) fail(`the self-test does not change anything: ${what}`);
  else if ((await selection_findings(prometheus, what, changed)).length === 0) fail(`not found: ${what}: ${changed}`);
}
console.log(`    ${Object.keys(wrong).length} wrong expressions were refused`);
finish();
