// What is not well, and what is not as declared.
import { commands, h, worded } from "./dom.mjs";
import { ago, badge, for_so_long, mark, plural } from "./words.mjs";

// Eight conditions may want for one key: what they say alike is told once.
function grouped(conditions) {
  const groups = new Map();
  for (const one of conditions) {
    const key = `${one.standing} ${one.advisory} ${one.message}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()];
}

function condition_item(group) {
  const [first] = group;
  const line = (one) =>
    h(
      "p",
      { class: "line", "data-key": one.type },
      badge(one.standing, one.type),
      " ",
      h("span", { class: "dim" }, `${one.status} ${one.reason}, for `, for_so_long(one.lastTransitionTime)),
      one.advisory ? h("span", { class: "tag" }, "advice") : null,
    );
  return h(
    "li",
    { "data-key": first.type },
    group.map(line),
    h("p", {}, worded(first.message)),
    commands(first.commands),
  );
}

const kOrder = { NotWell: 0, Unknown: 1, Waits: 2, Well: 3 };

export function conditions_section(status) {
  const all = [...status.conditions].sort(
    (a, b) => kOrder[a.standing] - kOrder[b.standing] || Number(a.advisory) - Number(b.advisory),
  );
  const open = all.filter((one) => one.standing !== "Well" && one.type !== "Ready");
  const well = all.filter((one) => one.standing === "Well");
  const folded = h(
    "details",
    { "data-key": "well" },
    h("summary", {}, `${plural(well.length, "condition is", "conditions are")} well`),
    h(
      "ul",
      { class: "wellness" },
      well.map((one) =>
        h(
          "li",
          { "data-key": one.type },
          mark("Well"),
          " ",
          h("b", {}, one.type),
          " ",
          h("span", { class: "dim" }, `${one.status} ${one.reason}`),
          h("p", {}, worded(one.message)),
        ),
      ),
    ),
  );
  return h(
    "section",
    { class: "card", "aria-labelledby": "conditions", "data-key": "conditions" },
    h("h2", { id: "conditions" }, "Conditions"),
    open.length
      ? h("ul", { class: "conditions", "data-key": "open" }, grouped(open).map(condition_item))
      : h("p", { class: "quiet" }, mark("Well"), " Every condition is well."),
    folded,
  );
}

const kResults = {
  InSync: "Well",
  Repaired: "Well",
  Deferred: "Well",
  NotLookedYet: "Unknown",
  Waiting: "Waits",
  Drifted: "Waits",
  Contested: "NotWell",
  Failed: "NotWell",
};
const kResultWords = {
  InSync: "as declared",
  Repaired: "repaired",
  Deferred: "deferred by design",
  NotLookedYet: "not looked at yet",
  Waiting: "waits for an order",
  Drifted: "not as declared",
  Contested: "somebody undoes the repair",
  Failed: "failed",
};

function change_item(change) {
  return h(
    "li",
    { "data-key": change.field },
    h("code", {}, change.field),
    " ",
    change.from || "nothing",
    " → ",
    h("b", {}, change.to || "nothing"),
    h(
      "p",
      { class: "dim" },
      `${change.why} `,
      change.disturbs ? `Disturbs: ${change.disturbs}. ` : "",
      `Reach: ${change.reach}.`,
    ),
  );
}

function resource_item(resource) {
  const drift = resource.drift ?? [];
  const repaired = resource.repaired ?? [];
  return h(
    "li",
    { "data-key": resource.name },
    h(
      "p",
      { class: "line" },
      badge(kResults[resource.result] ?? "Unknown", resource.name),
      " ",
      h("span", { class: "result" }, kResultWords[resource.result] ?? resource.result),
      " ",
      h("span", { class: "dim" }, "looked at ", ago(resource.lastLookTime)),
    ),
    resource.error
      ? h("p", {}, worded(resource.error.message))
      : resource.note
        ? h("p", {}, worded(resource.note))
        : null,
    drift.length ? h("ul", { class: "changes" }, drift.map(change_item)) : null,
    repaired.length
      ? [
          h("p", { class: "dim" }, "Repaired at the last look:"),
          h("ul", { class: "changes" }, repaired.map(change_item)),
        ]
      : null,
  );
}

export function drift_section(status) {
  const is_quiet = (one) => one.result === "InSync" || (one.result === "Deferred" && !one.drift?.length);
  const open = status.resources.filter((one) => !is_quiet(one));
  const quiet = status.resources.filter(is_quiet);
  const waits = open.some((one) => one.result === "Waiting");
  const pending = status.structuralChangePending ?? [];
  return h(
    "section",
    { class: "card", "aria-labelledby": "drift", "data-key": "drift" },
    h("h2", { id: "drift" }, "Drift and plan"),
    pending.length
      ? [
          h("p", {}, mark("Waits"), " These edits of pair.yaml wait for an order:"),
          h(
            "ul",
            { class: "changes", "data-key": "pending" },
            pending.map((line) => h("li", {}, h("code", {}, line))),
          ),
          commands(["tandem plan", "tandem apply --structural --reason REASON"]),
        ]
      : null,
    open.length
      ? h("ul", { class: "resources", "data-key": "open" }, open.map(resource_item))
      : h("p", { class: "quiet" }, mark("Well"), " Every part of the node is as declared."),
    waits
      ? [
          h("p", {}, "What reaches further than ", h("code", {}, "spec.changes.allow"), " waits for its order:"),
          commands(["tandem plan", "tandem apply --now"]),
        ]
      : null,
    h(
      "details",
      { "data-key": "quiet" },
      h("summary", {}, `${plural(quiet.length, "part is", "parts are")} as declared`),
      h(
        "ul",
        { class: "wellness" },
        quiet.map((one) =>
          h(
            "li",
            { "data-key": one.name },
            mark("Well"),
            " ",
            h("b", {}, one.name),
            " ",
            h("span", { class: "dim" }, "looked at ", ago(one.lastLookTime)),
          ),
        ),
      ),
    ),
  );
}
