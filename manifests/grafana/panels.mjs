// What the panels of the dashboard have in common: data source, colours, matchers, and a constructor for
// each kind of panel.

export const datasource = { type: "prometheus", uid: "${datasource}" };

// Okabe and Ito's colours: they stay apart for the colour-blind. Every state also has a word or a sign.
export const colour = { well: "#0072B2", bad: "#D55E00", doubt: "#E69F00", none: "#999999", other: "#CC79A7" };

// Every query is of the nodes that are chosen above the dashboard.
export const nodes = 'job=~"$job", instance=~"$instance"';
export const select = (metric, matchers = "") => `${metric}{${nodes}${matchers ? `, ${matchers}` : ""}}`;
export const rate = (metric, matchers = "") => `rate(${select(metric, matchers)}[$__rate_interval])`;
export const increase = (metric, matchers = "") => `increase(${select(metric, matchers)}[$__rate_interval])`;

// 2 well, 1 unknown, 0 not well, for each node and condition.
export const wellness =
  `2 * ${select("tandem_condition_well")} + on (job, instance, type) ${select("tandem_condition", 'status="Unknown"')}`;

const value = (states) =>
  Object.fromEntries(states.map(([key, text, color], index) => [key, { text, color, index }]));
export const mapping = (...states) => [{ type: "value", options: value(states) }];

export const steps = (...pairs) => ({
  mode: "absolute",
  steps: pairs.map(([from, color]) => ({ value: from, color })),
});

export const yes_no = (yes, no) => mapping(["1", yes, colour.well], ["0", no, colour.bad]);

export function target(expr, legend, more = {}) {
  return { datasource, expr, legendFormat: legend, range: true, instant: false, ...more };
}
export const now = (expr, legend) => target(expr, legend, { range: false, instant: true });
export const rows_now = (expr) => target(expr, "", { range: false, instant: true, format: "table" });

function panel(type, title, description, unit, targets, more = {}) {
  const { options = {}, defaults = {}, overrides = [], ...rest } = more;
  return {
    type,
    title,
    description,
    datasource,
    targets: targets.map((one, index) => ({ refId: String.fromCharCode(65 + index), ...one })),
    fieldConfig: { defaults: { unit, ...defaults }, overrides },
    options,
    ...rest,
  };
}

const reduce = { values: false, calcs: ["lastNotNull"], fields: "" };

export function stat(title, description, unit, targets, defaults, more = {}) {
  const options = {
    reduceOptions: reduce,
    orientation: "auto",
    textMode: "value_and_name",
    colorMode: "background",
    graphMode: "none",
    justifyMode: "center",
    wideLayout: false,
    showPercentChange: false,
    percentChangeColorMode: "standard",
  };
  return panel("stat", title, description, unit, targets, {
    defaults: { noValue: "no data", color: { mode: "thresholds" }, ...defaults },
    options: { ...options, ...more },
  });
}

export function graph(title, description, unit, targets, more = {}) {
  const { custom = {}, defaults = {}, legend = ["lastNotNull", "max"], ...rest } = more;
  return panel("timeseries", title, description, unit, targets, {
    defaults: {
      min: 0,
      color: { mode: "palette-classic" },
      custom: { drawStyle: "line", lineWidth: 2, fillOpacity: 10, showPoints: "never", ...custom },
      ...defaults,
    },
    options: {
      legend: { displayMode: "table", placement: "bottom", showLegend: true, calcs: legend },
      tooltip: { mode: "multi", sort: "desc" },
    },
    ...rest,
  });
}

// A step is a state that lasts; a bar is what happened meanwhile.
export const as_steps = { lineInterpolation: "stepAfter" };
export const as_bars = { drawStyle: "bars", fillOpacity: 60, stacking: { mode: "normal", group: "A" } };

// What is declared, beside what is.
export const dashed_objective = [{
  matcher: { id: "byRegexp", options: ".*objective" },
  properties: [
    { id: "custom.lineStyle", value: { fill: "dash", dash: [10, 10] } },
    { id: "color", value: { mode: "fixed", fixedColor: colour.bad } },
  ],
}];

export function timeline(title, description, targets, mappings) {
  return panel("state-timeline", title, description, "none", targets, {
    defaults: {
      mappings,
      color: { mode: "thresholds" },
      thresholds: steps([null, colour.none]),
      custom: { fillOpacity: 80, lineWidth: 0 },
    },
    options: {
      mergeValues: true,
      showValue: "never",
      alignValue: "center",
      rowHeight: 0.8,
      legend: { displayMode: "list", placement: "bottom", showLegend: true, calcs: [] },
      tooltip: { mode: "single", sort: "none" },
    },
  });
}

export function table(title, description, targets, more = {}) {
  return panel("table", title, description, more.unit ?? "none", targets, {
    defaults: {
      noValue: "-",
      custom: { align: "auto", cellOptions: { type: "auto" }, inspect: false, filterable: false },
      ...more.defaults,
    },
    overrides: more.overrides ?? [],
    transformations: more.transformations ?? [],
    options: { showHeader: true, cellHeight: "sm" },
  });
}

export function heatmap(title, description, unit, targets) {
  return panel("heatmap", title, description, unit, targets, {
    defaults: { custom: { scaleDistribution: { type: "linear" } } },
    options: {
      calculate: false,
      // One hue from dark to light, which every eye can order.
      color: { mode: "scheme", scheme: "Viridis", fill: "dark-blue", exponent: 0.5, steps: 64, reverse: false },
      cellGap: 1,
      filterValues: { le: 1e-9 },
      yAxis: { axisPlacement: "left", unit },
      rowsFrame: { layout: "auto" },
      showValue: "never",
      tooltip: { mode: "single", yHistogram: false, showColorScale: true },
      legend: { show: true },
      exemplars: { color: colour.doubt },
    },
  });
}

// Words and colours for a column of a table.
export function column(name, properties) {
  return { matcher: { id: "byName", options: name }, properties };
}
export const coloured = (mappings) => [
  { id: "mappings", value: mappings },
  { id: "custom.cellOptions", value: { type: "color-background", mode: "basic" } },
];
