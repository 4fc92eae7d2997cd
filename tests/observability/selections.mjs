// Whether what an expression names is there: each selector as a whole, each value that a matcher names
// (a typing error in a != or in one of several alternatives selects too much and is seen by nobody), and
// each label by which it groups. Answers with findings, as sentences.
import { parsed } from "./promql.mjs";

const target_labels = ["job", "instance", "pair"]; // prometheus.yaml gives them
const alternatives = /^[\w-]+(\|[\w-]+)*$/;

async function matcher_findings(prometheus, where, selector, matcher) {
  const { label, operator, value } = matcher;
  if (value === "" || value === ".+") return [];
  const labelled = `${selector.metric}{${label}!=""}`;
  const there = await prometheus.label_values(label, labelled);
  if (there.size === 0) return [`${where}: ${selector.metric} has no label ${label}`];
  const wanted = operator.includes("~") && alternatives.test(value) ? value.split("|") : [value];
  if (operator.includes("~") && !alternatives.test(value)) return [];
  return wanted.filter((one) => !there.has(one)).map((one) =>
    `${where}: ${selector.metric} is never exported with ${label}="${one}", only with ${[...there].sort().join(", ")}`);
}

export async function selection_findings(prometheus, where, expression) {
  const { error, selectors, labels } = parsed(expression);
  if (error) return [`${where}: ${error}`];
  const findings = [];
  const seen = new Set(target_labels);
  for (const selector of selectors) {
    const series = await prometheus.series(selector.text);
    for (const one of series) for (const label of Object.keys(one)) seen.add(label);
    if (series.length === 0) findings.push(`${where}: nothing is exported that ${selector.text} selects`);
    for (const matcher of selector.matchers)
      findings.push(...await matcher_findings(prometheus, where, selector, matcher));
  }
  for (const label of labels)
    if (!seen.has(label)) findings.push(`${where}: groups by ${label}, which no series that it selects has`);
  return findings;
}
