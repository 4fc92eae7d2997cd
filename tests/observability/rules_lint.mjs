// What every alert must have. Findings are { rule, message }; each rule is proved able to fail by
// rules_test.mjs.
import { all_rules } from "./sources.mjs";
import { parsed } from "./promql.mjs";

const severities = ["critical", "warning", "info"];
export const runbook_base = "https://tandem.ha/docs/runbooks/";
export const runbook_parts = ["## Meaning", "## Check", "## Remedy", "## Ends"];

const seconds = (duration) => {
  const unit = { s: 1, m: 60, h: 3600, d: 86400 };
  return [...String(duration ?? "").matchAll(/(\d+)([smhd])/g)].reduce((sum, [, n, u]) => sum + n * unit[u], 0);
};

// `tests`: the parsed promtool files. [{ alert, fires, metrics }] of every alert_rule_test.
function cases_of(tests) {
  return tests.flatMap((file) => file.tests).flatMap((test) => {
    const metrics = new Set(test.input_series.map((one) => /^[a-zA-Z_:]+/.exec(one.series)[0]));
    return (test.alert_rule_test ?? []).map((one) => ({
      alert: one.alertname, fires: (one.exp_alerts ?? []).length > 0, metrics,
    }));
  });
}

const checks = {
  "name": (rule) => (/^Tandem[A-Z][A-Za-z]+$/.test(rule.alert) ? null : "must be CamelCase and begin with Tandem"),
  "for": (rule) => (seconds(rule.for) > 0 ? null : "must have a `for`"),
  "severity": (rule) =>
    (severities.includes(rule.labels?.severity) ? null : `severity must be one of ${severities.join(", ")}`),
  "summary-is-static": (rule) =>
    (/^[A-Z][^{}$]*\.$/.test(rule.annotations?.summary ?? "") ? null : "summary must be a plain sentence with its period"),
  "description-is-templated": (rule) =>
    (/\{\{.*\}\}.*\.$/s.test(rule.annotations?.description ?? "") ? null : "description must name what it is about"),
  "promql": (rule) => parsed(rule.expr).error,
  "job-of-general-metrics": (rule) => {
    const bad = parsed(rule.expr).selectors.find((one) =>
      !one.metric.startsWith("tandem_") && !one.matchers.some((m) => m.label === "job" && m.value === "tandem"));
    return bad ? `${bad.text} must be of job="tandem": other programs export it too` : null;
  },
  "runbook-url": (rule) =>
    (rule.annotations?.runbook_url === `${runbook_base}${rule.alert}.md` ? null : "runbook_url must be its own page"),
  "runbook": (rule, { runbooks }) => {
    const text = runbooks[`${rule.alert}.md`];
    if (text === undefined) return `docs/runbooks/${rule.alert}.md is not there`;
    if (!text.startsWith(`# ${rule.alert}\n`)) return "its runbook has another title";
    const missing = runbook_parts.filter((part) => !text.includes(`\n${part}\n`));
    return missing.length > 0 ? `its runbook lacks: ${missing.join(", ")}` : null;
  },
  "runbook-is-listed": (rule, { runbooks }) =>
    ((runbooks["README.md"] ?? "").includes(`[${rule.alert}](${rule.alert}.md) | ${rule.labels?.severity} |`)
      ? null : "docs/runbooks/README.md does not list it with its severity"),
  "firing-case": (rule, { cases }) =>
    (cases.some((one) => one.alert === rule.alert && one.fires) ? null : "no test in which it fires"),
  "silent-case": (rule, { cases }) => {
    const metrics = parsed(rule.expr).selectors.map((one) => one.metric);
    const silent = cases.filter((one) => one.alert === rule.alert && !one.fires && metrics.some((m) => one.metrics.has(m)));
    return silent.length > 0 ? null : "no test with its metrics in which it is silent";
  },
};

export const rule_names = [...Object.keys(checks), "unique", "orphan-runbook"];

// `given`: { rules, tests, runbooks: { "NAME.md": text } }
export function rules_findings(given) {
  const rules = all_rules(given.rules);
  const facts = { runbooks: given.runbooks, cases: cases_of(given.tests) };
  const findings = [];
  for (const rule of rules)
    for (const [name, check] of Object.entries(checks)) {
      const message = check(rule, facts);
      if (message) findings.push({ rule: name, message: `${rule.alert}: ${message}` });
    }
  const names = rules.map((rule) => rule.alert);
  for (const name of names.filter((one, index) => names.indexOf(one) !== index))
    findings.push({ rule: "unique", message: `${name} is there twice` });
  for (const file of Object.keys(given.runbooks))
    if (file !== "README.md" && !names.includes(file.replace(/\.md$/, "")))
      findings.push({ rule: "orphan-runbook", message: `docs/runbooks/${file} belongs to no alert` });
  return findings;
}
