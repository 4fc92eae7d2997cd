// Takeovers, and what happened: newest first.
import { h, worded } from "./dom.mjs";
import { ago, at_time, badge, length, mark, plural } from "./words.mjs";

const kShown = 15;
const kOlder = 200;
const filter = { warnings: false };

function takeover_item(takeover) {
  const over = takeover.endTime !== null;
  const served = /^(this node serves|given back)/.test(takeover.result ?? "");
  return h(
    "li",
    { "data-key": `takeover ${takeover.epoch}` },
    h(
      "p",
      { class: "line" },
      badge(!over ? "Waits" : served ? "Well" : "NotWell", takeover.cause),
      " ",
      at_time(takeover.beginTime),
      " ",
      h("span", { class: "dim" }, ago(takeover.beginTime), `, epoch ${takeover.epoch}`),
    ),
    h(
      "p",
      {},
      over ? worded(takeover.result) : "under way",
      takeover.downtimeMilliseconds !== null
        ? [", SIP was away for ", h("b", {}, length(takeover.downtimeMilliseconds))]
        : null,
    ),
    h("p", { class: "dim" }, takeover.evidence),
    takeover.steps?.length
      ? h(
          "details",
          {},
          h("summary", {}, plural(takeover.steps.length, "step")),
          h(
            "ol",
            { class: "steps" },
            takeover.steps.map((step) =>
              h("li", {}, step.name, h("span", { class: "dim" }, ` ${length(step.milliseconds)}`)),
            ),
          ),
        )
      : null,
  );
}

export function takeovers_section(takeovers) {
  const items = [...(takeovers?.items ?? [])].reverse();
  const none = takeovers
    ? [mark("Well"), " None is kept of this node."]
    : [mark("Unknown"), " Not known: what happened can not be read just now."];
  return h(
    "section",
    { class: "card", "aria-labelledby": "takeovers", "data-key": "takeovers" },
    h("h2", { id: "takeovers" }, "Takeovers"),
    items.length
      ? h("ol", { class: "events" }, items.map(takeover_item))
      : h("p", { class: "quiet" }, none),
  );
}

function event_item(event) {
  const warning = event.type === "Warning";
  return h(
    "li",
    {
      class: warning ? "warning" : "",
      "data-key": `event ${event.id}`,
    },
    h("span", { class: "when" }, at_time(event.lastTime)),
    h(
      "div",
      {},
      h(
        "p",
        { class: "line" },
        badge(warning ? "NotWell" : "Well", event.reason),
        h("span", { class: "unseen" }, warning ? " (warning)" : ""),
        " ",
        h("span", { class: "dim" }, event.object),
        event.count > 1 ? h("span", { class: "tag" }, `${event.count} times`) : null,
      ),
      h("p", {}, event.message),
    ),
  );
}

export function events_section(events, known, redraw) {
  const all = [...events].sort((a, b) => b.id - a.id);
  const wanted = filter.warnings ? all.filter((event) => event.type === "Warning") : all;
  const older = wanted.slice(kShown, kOlder);
  const choice = (name, warnings) =>
    h(
      "label",
      {},
      h("input", {
        type: "radio",
        name: "events",
        checked: filter.warnings === warnings,
        onchange: () => {
          filter.warnings = warnings;
          redraw();
        },
      }),
      " ",
      name,
    );
  return h(
    "section",
    { class: "card", "aria-labelledby": "events", "data-key": "events" },
    h("h2", { id: "events" }, "What happened"),
    h(
      "fieldset",
      { class: "filter" },
      h("legend", { class: "unseen" }, "Which events"),
      choice("all", false),
      choice("warnings only", true),
    ),
    wanted.length
      ? h("ol", { class: "events timeline", "data-key": "new" }, wanted.slice(0, kShown).map(event_item))
      : h("p", { class: "quiet" }, known ? "Nothing of that kind is kept." : "Not known: it can not be read just now."),
    older.length
      ? h(
          "details",
          { "data-key": "older" },
          h("summary", {}, `${older.length} older`),
          h("ol", { class: "events timeline" }, older.map(event_item)),
          h("p", { class: "dim" }, "All that are kept: ", h("code", {}, "tandem get events")),
        )
      : null,
  );
}
