// Both nodes side by side: what each is, and what each hears of the other.
import { h, worded } from "./dom.mjs";
import { ago, at_time, badge, for_so_long, length, mark } from "./words.mjs";

const row = (name, ...value) => [h("dt", {}, name), h("dd", {}, ...value)];

const kWell = new Set(["Serving", "Standby"]);
const kBad = new Set(["Faulted", "Latched", "Degraded", "Isolated"]);
const state_standing = (state) => (kWell.has(state) ? "Well" : kBad.has(state) ? "NotWell" : "Waits");

// A node that stands by does not answer SIP by design.
const kOffByDesign = {
  primary: ["Maintenance"],
  secondary: ["Standby", "Suspect", "Isolated", "Rejoining", "Maintenance"],
};
const is_off_by_design = (role, state) => kOffByDesign[role]?.includes(state) ?? false;

function sip_badge(sip, role, state) {
  if (sip === "Answers") return badge("Well", "SIP answers");
  if (sip !== "Silent") return badge("Unknown", "SIP not known");
  return is_off_by_design(role, state)
    ? badge("Well", "SIP is off, as it should be here")
    : badge("NotWell", "SIP is silent");
}

// What calls need beside SIP tells nothing of a node that stands by.
function impaired(told, sip) {
  if (sip !== "Answers" || !told?.length) return null;
  return h("p", {}, mark("NotWell"), ` down: ${told.join(", ")}`);
}

function state_row(state, since, means) {
  if (!state) return row("State", badge("Unknown", "nothing is decided here"));
  return row(
    "State",
    badge(state_standing(state), state),
    since ? [" for ", for_so_long(since)] : null,
    means ? h("p", { class: "means" }, means) : null,
  );
}

const kProbes = {
  icmp: "ping",
  sip: "SIP",
  peer: "its operator",
  witness: "witness",
  link: "own address",
  "own-sip": "own SIP",
};
const kOwnProbes = new Set(["link", "own-sip", "witness"]);

function probe_age(probe) {
  if (probe.ageMilliseconds === null) return "never";
  return probe.ageMilliseconds < 5000 ? "" : `${length(probe.ageMilliseconds)} ago`;
}

// "silent: timed out". `meant`: it is silent by design.
function heard_row(probe, meant) {
  const silent = /^(silent|refuse)/.test(probe.last);
  const standing = probe.good || (silent && meant) ? "Well" : silent ? "NotWell" : "Unknown";
  const took = probe.good && probe.tookMicroseconds !== null ? `${(probe.tookMicroseconds / 1000).toFixed(1)} ms` : "";
  const age = probe_age(probe);
  const said = probe.good ? "answers" : silent && meant ? "silent, as it should be" : probe.last;
  return h(
    "li",
    { "data-key": `${probe.probe} ${probe.target}` },
    mark(standing),
    " ",
    h("b", {}, kProbes[probe.probe] ?? probe.probe),
    " ",
    h("span", { class: "dim" }, probe.target),
    " ",
    said,
    " ",
    h("span", { class: "dim" }, [took, age].filter(Boolean).join(", ")),
  );
}

function link_text(peer) {
  if (!peer || peer.link === "NotSetUp")
    return [
      mark("Unknown"),
      " there is no peer link: ",
      h("code", {}, "tandem pki init"),
      " on the primary sets it up",
    ];
  if (peer.link === "Answers") return [mark("Well"), ` ${peer.node} answers over the peer link`];
  const since = peer.lastHeardTime
    ? [", last heard ", ago(peer.lastHeardTime), " at ", at_time(peer.lastHeardTime)]
    : ", and was not heard since this operator started";
  return [
    mark(peer.link === "Silent" ? "NotWell" : "Unknown"),
    ` ${peer.node || "the other node"} is not heard over the peer link: `,
    peer.reason || "no answer yet",
    since,
  ];
}

function own_card(status, probes) {
  const failover = status.failover;
  const role = status.role === "unknown" ? "no role yet" : status.role;
  const items = probes?.items ?? [];
  const peer_is_off = is_off_by_design(status.peer?.word?.role, status.peer?.word?.state);
  const own_is_off = is_off_by_design(status.role, failover?.state);
  const heard = items
    .filter((one) => !kOwnProbes.has(one.probe))
    .map((one) => heard_row(one, peer_is_off && one.probe === "sip"));
  const own = items
    .filter((one) => kOwnProbes.has(one.probe))
    .map((one) => heard_row(one, own_is_off && one.probe === "own-sip"));
  return h(
    "article",
    { class: "card node", "aria-labelledby": "own" },
    h(
      "h3",
      { id: "own" },
      status.node,
      " ",
      h("span", { class: "role" }, role),
      " ",
      h("span", { class: "tag" }, "this page"),
    ),
    h(
      "dl",
      {},
      state_row(failover?.state, failover?.since, failover?.stateMeans),
      row(
        "Phones",
        sip_badge(failover?.sip, status.role, failover?.state),
        impaired(failover?.impaired, failover?.sip),
      ),
      failover?.primary
        ? row(
            "Of the primary",
            badge(failover.primary.verdict === "Serving" ? "Well" : "NotWell", failover.primary.verdict),
            h("p", { class: "means" }, failover.primary.reason),
          )
        : null,
      row("Operator", `tandem ${status.version}, epoch ${failover?.epoch ?? 0}`),
      row("Hears", h("ul", { class: "heard" }, h("li", { "data-key": "link" }, link_text(status.peer)), heard)),
      own.length ? row("Itself", h("ul", { class: "heard" }, own)) : null,
    ),
  );
}

function said_by_peer(peer, word) {
  return [
    state_row(word.state, null, peer.stateMeans),
    row("Phones", sip_badge(word.sip, word.role, word.state), impaired(word.impaired, word.sip)),
    word.notWell?.length
      ? row(
          "Not well there",
          h(
            "ul",
            { class: "types" },
            word.notWell.map((type) => h("li", { "data-key": type }, mark("NotWell"), " ", type)),
          ),
        )
      : null,
    row(
      "Operator",
      `tandem ${word.tandemVersion || "of an unknown version"}, epoch ${word.epoch}`,
      word.productVersion ? `, product ${word.productVersion}` : "",
    ),
    row(
      "Hears",
      h(
        "ul",
        { class: "heard" },
        h(
          "li",
          {},
          mark(word.hearsUs ? "Well" : "NotWell"),
          word.hearsUs ? " hears this node's operator" : " does not hear this node's operator",
        ),
        h(
          "li",
          {},
          mark(word.hearsOurSip || word.role === "primary" ? "Well" : "Unknown"),
          word.hearsOurSip ? " hears SIP of this node" : " does not hear SIP of this node",
        ),
      ),
    ),
  ];
}

function peer_card(pair, status) {
  const peer = status.peer ?? { link: "NotSetUp", node: "" };
  const spec = pair.spec ?? {};
  const other = [spec.primary, spec.secondary].find((node) => node && node.name !== status.node);
  const name = peer.node || other?.name || "the other node";
  const role =
    peer.word?.role ?? (status.role === "primary" ? "secondary" : status.role === "secondary" ? "primary" : "");
  const heard = peer.link === "Answers" && peer.word;
  const missing = heard
    ? null
    : h(
        "p",
        { class: "missing" },
        mark(peer.link === "Silent" ? "NotWell" : "Unknown"),
        peer.link === "NotSetUp"
          ? " It tells nothing of itself: there is no peer link. What is heard of it stands at the other node."
          : [
              " Its own word is missing",
              peer.lastHeardTime
                ? [" since ", at_time(peer.lastHeardTime), " (", for_so_long(peer.lastHeardTime), ")"]
                : " since this operator started",
              peer.word ? ". What it said last:" : ".",
            ],
      );
  return h(
    "article",
    { class: `card node${heard ? "" : " old"}`, "aria-labelledby": "other" },
    h("h3", { id: "other" }, name, " ", h("span", { class: "role" }, role)),
    missing,
    peer.word ? h("dl", {}, said_by_peer(peer, peer.word)) : null,
  );
}

export function nodes_section(pair, probes) {
  const status = pair.status;
  return h(
    "section",
    { "aria-labelledby": "nodes", "data-key": "nodes" },
    h("h2", { id: "nodes" }, "Both nodes"),
    h("div", { class: "two" }, own_card(status, probes), peer_card(pair, status)),
  );
}

// What a person has declared or ordered, told plainly: with its end, and the command that ends it.
export function notices(pair) {
  const { status, spec } = pair;
  const { failover, peer } = status;
  const told = [];
  const tell = (key, ...text) => told.push(h("li", { "data-key": key }, mark("Waits"), " ", ...text));
  if (!status.inForce) tell("force", "No declaration is in force on this node: it is watched, and nothing is changed.");
  if (failover?.suspension)
    tell(
      "suspended",
      h("b", {}, "Suspended"),
      " until ",
      at_time(failover.suspension.until),
      ": ",
      failover.suspension.reason,
      ". Nothing is changed and nobody takes over by himself. ",
      failover.suspension.declared
        ? worded("`spec.suspend: null` in pair.yaml ends it.")
        : worded("`tandem resume --reason REASON` ends it."),
    );
  if (failover?.maintenance)
    tell(
      "maintenance",
      h("b", {}, failover.maintenance.switchover ? "Switchover" : "Maintenance"),
      ` of ${status.node} until `,
      at_time(failover.maintenance.until),
      ": ",
      failover.maintenance.reason,
      ". ",
      worded(`\`${failover.maintenance.end}\` ends it.`),
    );
  if (peer?.link === "Answers" && peer.word?.maintenance)
    tell(
      "maintenance there",
      h("b", {}, "Maintenance"),
      ` of ${peer.node} until `,
      at_time(peer.word.maintenance.until),
      ": ",
      peer.word.maintenance.reason,
      ". ",
      worded(`\`tandem maintenance --end --node ${peer.node} --reason REASON\` ends it.`),
    );
  if (spec?.failover?.owner === "vendor")
    tell("vendor", h("b", {}, "The vendor's detector"), " decides about a takeover here; Tandem watches.");
  else if (spec?.failover && spec.failover.mode !== "automatic")
    tell(
      "mode",
      h("b", {}, `Mode ${spec.failover.mode}`),
      ": nobody takes over by himself. ",
      worded("`spec.failover.mode: automatic` in pair.yaml changes that."),
    );
  if (spec?.changes?.allow === "none")
    tell("allow", h("b", {}, "Changes: none"), ". What is not as declared is told, and not repaired.");
  return told.length
    ? h("section", { "aria-label": "In force now", "data-key": "notices" }, h("ul", { class: "notices" }, told))
    : null;
}
