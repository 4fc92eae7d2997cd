// The frame of a dashboard: rows laid out on the grid, the variables and links that all of them share.
import { colour, datasource, increase, select } from "./panels.mjs";
import { repository } from "./overview_panels.mjs";

function laid_out(sections) {
  const panels = [];
  let id = 0;
  let y = 0;
  const add = (panel, gridPos) => panels.push({ id: (id += 1), ...panel, gridPos });
  for (const [title, height, items] of sections) {
    add({ type: "row", title, collapsed: false, panels: [] }, { h: 1, w: 24, x: 0, y });
    y += 1;
    let x = 0;
    let highest = 0;
    for (const [w, panel] of items) {
      const h = panel.type === "stat" && w === 4 ? 5 : panel.type === "table" && w === 24 ? 6 : height;
      if (x + w > 24) {
        y += highest;
        x = highest = 0;
      }
      add(panel, { h, w, x, y });
      x += w;
      highest = Math.max(highest, h);
    }
    y += highest;
  }
  return panels;
}

function list_variable(name, label, query) {
  return {
    type: "query", name, label, datasource, query: { query, refId: `variable-${name}` },
    refresh: 2, sort: 1, multi: true, includeAll: true, allValue: ".+",
    current: { text: ["All"], value: ["$__all"] }, options: [], hide: 0, regex: "", skipUrlSync: false,
  };
}

function link(title, path, tooltip) {
  return {
    title, type: "link", url: `${repository}/${path}`, icon: "doc", tooltip, targetBlank: true, asDropdown: false,
    includeVars: false, keepTime: false, tags: [],
  };
}

function annotation(name, iconColor, expr, titleFormat, textFormat) {
  return {
    name, datasource, enable: true, hide: false, iconColor,
    target: { refId: "annotation", expr, interval: "30s" },
    titleFormat, textFormat, tagKeys: "instance,resource", useValueForTime: false,
  };
}

// Sections are [title, height, items], items [width, panel] in the order of reading.
export const dashboard = ({ uid, title, description, sections }) => ({
  uid,
  title,
  description,
  tags: ["tandem", "telephony", "high-availability"],
  editable: false,
  graphTooltip: 1,
  schemaVersion: 39,
  version: 1,
  refresh: "30s",
  timezone: "browser",
  weekStart: "",
  fiscalYearStartMonth: 0,
  liveNow: false,
  time: { from: "now-6h", to: "now" },
  timepicker: {},
  links: [
    // Each finds the others by their tag, and hands its data source, nodes and time over.
    {
      title: "Tandem", type: "dashboards", tags: ["tandem"], icon: "external link", tooltip: "The other dashboards of the pair",
      url: "", asDropdown: false, includeVars: true, keepTime: true, targetBlank: false,
    },
    link("Runbooks", "docs/runbooks/README.md", "What each alert means and what to do"),
    link("Operating guide", "docs/operate.md", "Every condition, with what to do about it"),
  ],
  templating: {
    list: [
      {
        type: "datasource", name: "datasource", label: "Data source", query: "prometheus", refresh: 1, regex: "",
        current: {}, options: [], hide: 0, includeAll: false, multi: false, skipUrlSync: false,
      },
      list_variable("job", "Job", "label_values(tandem_build_info, job)"),
      list_variable("instance", "Node", 'label_values(tandem_build_info{job=~"$job"}, instance)'),
    ],
  },
  annotations: {
    list: [
      annotation("Declaration in force", colour.well, `changes(${select("tandem_spec_generation")}[$__rate_interval]) > 0`,
        "A declaration came in force", "{{instance}}"),
      annotation("Edit refused", colour.doubt, `${increase("tandem_spec_rejections_total")} > 0`,
        "An edit of pair.yaml was refused", "{{instance}}"),
      annotation("Repair", colour.other, `${increase("tandem_resource_repairs_total")} > 0`, "Repaired {{resource}}", "{{instance}}"),
      annotation("Operator started", colour.none, `changes(${select("process_start_time_seconds")}[$__rate_interval]) > 0`,
        "The operator was started", "{{instance}}"),
    ],
  },
  panels: laid_out(sections),
});
