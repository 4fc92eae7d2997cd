// PromQL, parsed by Prometheus' own grammar: what an expression selects, and by which labels it groups.
import { promql_parser } from "./packages.mjs";

// What Grafana puts in for its variables. In the tests' Prometheus the nodes are scraped every second.
const variables = [
  [/\$__rate_interval|\$\{__rate_interval\}/g, "10s"],
  [/\$__interval|\$\{__interval\}/g, "5s"],
  [/\$__range|\$\{__range\}/g, "10m"],
  [/\$\{?(job|instance)\}?/g, ".+"],
];

export function substituted(expression) {
  return variables.reduce((text, [pattern, value]) => text.replace(pattern, value), expression);
}

function children(node, name) {
  const found = [];
  for (let child = node.firstChild; child; child = child.nextSibling) if (child.name === name) found.push(child);
  return found;
}

function matcher_of(node, text) {
  const part = (name) => {
    const child = node.getChild(name);
    return child ? text.slice(child.from, child.to) : "";
  };
  return { label: part("LabelName"), operator: part("MatchOp"), value: part("StringLiteral").slice(1, -1) };
}

function selector_of(node, text) {
  const name = node.getChild("Identifier");
  const matchers = node.getChild("LabelMatchers");
  const all = matchers ? children(matchers, "UnquotedLabelMatcher").map((one) => matcher_of(one, text)) : [];
  const ancestors = [];
  for (let up = node.parent; up; up = up.parent) ancestors.push(up);
  const call = ancestors.find((one) => one.name === "FunctionCall");
  const identifier = call?.getChild("FunctionIdentifier");
  const range = ancestors.find((one) => one.name === "MatrixSelector");
  return {
    text: text.slice(node.from, node.to),
    metric: name ? text.slice(name.from, name.to) : "",
    matchers: all,
    called_by: identifier ? text.slice(identifier.from, identifier.to) : "",
    range: range ? text.slice(range.from, range.to).match(/\[([^\]]*)\]$/)?.[1] ?? "" : "",
  };
}

// { error, selectors, labels }: `labels` are those named in by, without, on, ignoring and group_*.
export function parsed(expression) {
  const tree = promql_parser.parse(expression);
  const result = { error: null, selectors: [], labels: new Set() };
  tree.iterate({
    enter(cursor) {
      const node = cursor.node;
      if (node.type.isError && !result.error) result.error = `can not be read at character ${node.from + 1}`;
      if (node.name === "VectorSelector") result.selectors.push(selector_of(node, expression));
      if (node.name === "GroupingLabels")
        for (const label of children(node, "LabelName")) result.labels.add(expression.slice(label.from, label.to));
    },
  });
  return result;
}

// label_values(SELECTOR, LABEL) of a variable: { selector, label }, or null.
export function label_values(query) {
  const parts = /^label_values\((.+),\s*([a-z_]+)\)$/.exec(query);
  return parts ? { selector: parts[1], label: parts[2] } : null;
}
