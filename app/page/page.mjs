// The status page of one node: asks its operator, and shows what it answers.
import { Contact } from "./contact.mjs";
import { h, show } from "./dom.mjs";
import { nodes_section, notices } from "./nodes.mjs";
import { answers_section } from "./answers.mjs";
import { bound_section, replication_section } from "./copies.mjs";
import { conditions_section, drift_section } from "./drift.mjs";
import { events_section, takeovers_section } from "./timeline.mjs";
import { clock, length, shape, standing_name, tick, time_of_day } from "./words.mjs";

const kEventsKept = 400;
const kEventsAsked = 200;
const place = (id) => document.getElementById(id);

let seen = null; // the last documents
let events = new Map(); // by id: one that repeats has a new id
let last_id = 0;
let happened = true; // an event was told, so that they are asked for

function keep_events(list) {
  if (list.lastId < last_id) events = new Map(); // they were lost there
  for (const event of list.items) {
    for (const [id, one] of events)
      if (
        one.firstTime === event.firstTime &&
        one.reason === event.reason &&
        one.object === event.object &&
        one.message === event.message
      )
        events.delete(id);
    events.set(event.id, event);
  }
  last_id = list.lastId;
  for (const id of [...events.keys()].sort((a, b) => a - b).slice(0, Math.max(0, events.size - kEventsKept)))
    events.delete(id);
}

async function ask(get) {
  // What is not there yet (no declaration, no events kept) leaves its part empty; silence is silence.
  const may = (path) =>
    get(path).catch((error) => {
      if (error.status === 503 || error.status === 404) return null;
      throw error;
    });
  const since = last_id > 0 ? `since=${last_id}&limit=${kEventsAsked}` : `limit=${kEventsAsked}`;
  const wanted = happened || !contact.live;
  happened = false;
  const [pair, why, probes, told, takeovers] = await Promise.all([
    get("/api/v1/pair"),
    may("/api/v1/why"),
    may("/api/v1/probes"),
    may(`/api/v1/events?${since}`),
    wanted || !seen?.takeovers ? may("/api/v1/takeovers?limit=10") : seen.takeovers,
  ]);
  if (told) keep_events(told);
  // What can not be read now is not known, whatever it was before.
  return { pair, why, probes, takeovers, events_known: told !== null };
}

// Another version of the operator has another page.
function told(documents) {
  const version = seen?.pair.status.version;
  seen = documents;
  if (version && version !== documents.pair.status.version) location.reload();
}

const worst = (answers) =>
  ["NotWell", "Unknown", "Waits"].find((one) =>
    [answers.serves, answers.calls, answers.holds, answers.broke, answers.next].some(
      (answer) => answer.standing === one,
    ),
  ) ?? "Well";

const kIcons = { well: "%230072b2", waits: "%23e69f00", bad: "%23d55e00" };
const kIconShapes = {
  well: "<circle cx='8' cy='8' r='7'",
  waits: "<path d='M8 0l8 8-8 8-8-8z'",
  bad: "<path d='M8 0l8 15H0z'",
};

function show_in_the_tab(pair) {
  const { answers } = pair.status;
  const standing = worst(answers);
  const name = standing_name(standing);
  document.title = `${shape(standing)} ${answers.serves.word} · ${pair.metadata.name || pair.status.node} · Tandem`;
  const head = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'>";
  const icon = `${head}${kIconShapes[name]} fill='${kIcons[name]}'/></svg>`;
  const link = document.querySelector("link[rel=icon]");
  if (link.getAttribute("href") !== icon) link.setAttribute("href", icon);
}

function show_silence() {
  const since = contact.lost_since;
  document.title = `✕ no contact${since === null ? "" : ` for ${length(clock.now() - since)}`} · Tandem`;
}

function show_contact() {
  const lost = contact.lost_since !== null || (seen === null && contact.failures > 0);
  document.body.classList.toggle("stale", lost);
  const name = seen?.pair.status.node;
  if (lost) show_silence();
  if (!lost) {
    show(place("contact"), []);
    return;
  }
  const since = contact.lost_since === null ? "" : ` since ${time_of_day(contact.lost_since)}`;
  show(place("contact"), [
    h(
      "p",
      {},
      h("b", {}, `No contact with the operator${name ? ` of ${name}` : ""}${since}. `),
      seen
        ? `What is shown is as it was then; ${contact.reason}. Phones need no operator to call; this node decides nothing meanwhile. `
        : "",
      "It is tried again by itself. On the node: ",
      h("code", {}, "systemctl status tandem"),
    ),
  ]);
}

function show_top(pair) {
  const state = contact.lost_since !== null ? "no contact" : contact.live ? "live" : "looked at every 2 s";
  show(place("top"), [
    h("h1", {}, "Tandem ", h("span", { class: "pair" }, pair.metadata.name || "no pair yet")),
    h(
      "p",
      { class: "where" },
      `seen from ${pair.status.node}`,
      h("span", { class: `pulse${contact.lost_since === null ? "" : " off"}` }, state),
      h("span", { class: "as-of" }, `as of ${time_of_day(contact.answered_at ?? clock.now())}`),
    ),
  ]);
}

function draw() {
  show_contact();
  if (seen === null) return;
  const { pair, why, probes, takeovers } = seen;
  const status = pair.status;
  show_top(pair);
  if (contact.lost_since === null) show_in_the_tab(pair);
  const headline = status.answers.headline;
  if (place("headline").textContent !== headline) place("headline").textContent = headline;
  place("headline").className = standing_name(worst(status.answers));
  show(
    place("body"),
    [
      notices(pair),
      answers_section(status, why),
      nodes_section(pair, probes),
      h(
        "div",
        { class: "columns", "data-key": "columns" },
        h("div", {}, conditions_section(status), drift_section(status)),
        h(
          "div",
          {},
          bound_section(status),
          replication_section(pair, clock.now()),
          takeovers_section(takeovers),
          events_section([...events.values()], seen.events_known, draw),
        ),
      ),
    ].filter(Boolean),
  );
  show(place("foot"), [
    h(
      "p",
      {},
      `tandem ${status.version} on ${status.node} · this page only reads; orders are typed on a node · `,
      h("a", { href: "/api/v1/pair" }, "the same as JSON"),
      " · ",
      h("a", { href: "/metrics" }, "metrics"),
    ),
  ]);
}

const contact = new Contact({
  ask,
  told,
  changed: draw,
  event: () => {
    happened = true;
  },
});
contact.start();
setInterval(() => {
  tick(document.body);
  if (contact.lost_since !== null)
    document.title = `✕ no contact for ${length(clock.now() - contact.lost_since)} · Tandem`;
}, 1000);
