// The bound on a bad night, and the copies of the primary's data: how far each may go, and how far it is.
import { commands, h, worded } from "./dom.mjs";
import { ago, badge, bytes, length, mark, number, until } from "./words.mjs";

// A bar of parts against a promise. Widths are set as properties: the page has no inline styles.
function bar(parts, promised, label) {
  const total = Math.max(promised, ...[parts.reduce((sum, part) => sum + part.value, 0)]) * 1.05;
  const percent = (value) => `${(100 * value) / total}%`;
  let x = 0;
  const drawn = parts.map((part) => {
    const rect = h("rect", { x: percent(x), y: "7", width: percent(part.value), height: "10", class: part.kind });
    x += part.value;
    return rect;
  });
  return h(
    "svg",
    { class: "bar", role: "img", "aria-label": label, height: "24", width: "100%" },
    h("rect", { x: "0", y: "7", width: "100%", height: "10", class: "ground" }),
    drawn,
    h("rect", { x: percent(promised), y: "2", width: "2", height: "20", class: "promise" }),
  );
}

export function bound_section(status) {
  const bound = status.failover?.bound;
  if (!bound) return null;
  const promised = bound.objectiveMilliseconds;
  const heading = h("h2", { id: "bound" }, "The bound of a bad night");
  if (bound.milliseconds === null)
    return h(
      "section",
      { class: "card", "aria-labelledby": "bound", "data-key": "bound" },
      heading,
      h(
        "p",
        {},
        mark("NotWell"),
        ` Nobody acts by himself, so nothing bounds how long phones are without telephony; ${length(promised)} are promised.`,
      ),
    );
  const met = bound.milliseconds <= promised;
  const by_takeover = bound.confirmMilliseconds + bound.activationMilliseconds;
  const by_phones = bound.registrationMilliseconds > by_takeover;
  const parts = by_phones
    ? [{ value: bound.registrationMilliseconds, kind: "one" }]
    : [
        { value: bound.confirmMilliseconds, kind: "one" },
        { value: bound.activationMilliseconds, kind: "two" },
      ];
  parts.push({ value: bound.phoneSwitchMilliseconds, kind: "three" });
  return h(
    "section",
    { class: "card", "aria-labelledby": "bound", "data-key": "bound" },
    heading,
    h(
      "p",
      {},
      mark(met ? "Well" : "Waits"),
      " If the primary dies, a phone is without telephony for at most ",
      h("b", {}, length(bound.milliseconds)),
      `; ${length(promised)} are promised.`,
    ),
    bar(parts, promised, `at most ${length(bound.milliseconds)} of the ${length(promised)} that are promised`),
    h(
      "ul",
      { class: "legend" },
      by_phones
        ? h(
            "li",
            { class: "one" },
            `a registration lasts ${length(bound.registrationMilliseconds)} (${bound.registrationFrom}), ` +
              `longer than a takeover of ${length(by_takeover)}`,
          )
        : [
            h("li", { class: "one" }, `to be sure: ${length(bound.confirmMilliseconds)} (${bound.confirmFrom})`),
            h(
              "li",
              { class: "two" },
              `to start: ${length(bound.activationMilliseconds)} (${bound.activationMeasured ? "measured here" : "assumed"})`,
            ),
          ],
      h("li", { class: "three" }, `until a phone gives the old server up: ${length(bound.phoneSwitchMilliseconds)}`),
      h("li", { class: "promised" }, `promised: ${length(promised)}`),
    ),
  );
}

function trouble(name, kind) {
  if (kind.held)
    return h("p", {}, mark("Waits"), h("b", {}, ` held, ${kind.held.reason}: `), worded(kind.held.message));
  const last = kind.last;
  if (!last || (last.result !== "refused" && last.result !== "failed")) return null;
  return [
    h(
      "p",
      {},
      mark("NotWell"),
      h("b", {}, ` ${last.result}${last.reason ? `, ${last.reason}` : ""}: `),
      worded(last.message),
    ),
    last.canBeForced ? commands([`tandem replicate ${name} --force REASON`]) : null,
  ];
}

function progress(kind) {
  if (!kind.running) return null;
  const meter = kind.progress;
  const amount = (value) => (meter.unit === "rows" ? `${number(value)} rows` : bytes(value));
  return h(
    "p",
    { class: "dim" },
    "now: ",
    meter
      ? `${meter.phase}${meter.parts ? ` ${meter.partsDone}/${meter.parts}` : ""}${meter.done ? `, ${amount(meter.done)}` : ""}`
      : "begins",
  );
}

function kind_item(name, kind, promised, now) {
  const age = kind.lastSuccess ? now - Date.parse(kind.lastSuccess) : null;
  const stale = age !== null && promised && age > promised;
  const standing = kind.held
    ? "Waits"
    : age === null
      ? "NotWell"
      : stale || kind.last?.result === "refused" || kind.last?.result === "failed"
        ? "NotWell"
        : kind.lastProof
          ? "Well"
          : "Waits";
  return h(
    "li",
    { "data-key": name },
    h(
      "p",
      { class: "line" },
      badge(standing, name === "database" ? "Database" : "Files"),
      " ",
      kind.lastSuccess ? ["copied ", ago(kind.lastSuccess)] : "never copied",
      promised && name === "database" ? h("span", { class: "dim" }, ` of ${length(promised)} allowed`) : null,
    ),
    h(
      "p",
      {},
      kind.lastProof
        ? ["proven ", ago(kind.lastProof), kind.proof ? `: ${kind.proof.split(";")[0]}` : ""]
        : "never proven",
    ),
    h(
      "p",
      { class: "dim" },
      kind.last ? `the last run took ${length(kind.last.tookMilliseconds)}, ${number(kind.last.changed)} changed` : "",
      kind.next ? [kind.last ? "; " : "", "the next comes ", until(kind.next)] : null,
    ),
    progress(kind),
    trouble(name, kind),
    kind.stream
      ? h(
          "p",
          {},
          mark(kind.stream.runs ? "Well" : "Waits"),
          kind.stream.runs
            ? ` stream runs${kind.stream.lagSeconds === null ? "" : `, ${(kind.stream.lagSeconds * 1000).toFixed(1)} ms behind`}`
            : ` stream, ${kind.stream.reason}: ${kind.stream.message}`,
        )
      : null,
  );
}

function holds_item(holds) {
  if (!holds)
    return h(
      "li",
      { "data-key": "holds" },
      badge("NotWell", "Database"),
      " no copy of the primary's database is known here",
    );
  return h(
    "li",
    { "data-key": "holds" },
    h(
      "p",
      { class: "line" },
      badge(holds.lastProof ? "Well" : "Waits", "Database"),
      ` of ${holds.primary}, `,
      holds.lastProof ? ["proven equal ", ago(holds.lastProof)] : "never proven",
    ),
    h("p", { class: "dim" }, `${holds.tables} tables, hash ${String(holds.hash).slice(0, 16)}`),
  );
}

export function replication_section(pair, now) {
  const copies = pair.status.replication;
  const heading = h("h2", { id: "copies" }, "Replication");
  const section = (...inside) =>
    h("section", { class: "card", "aria-labelledby": "copies", "data-key": "copies" }, heading, ...inside);
  if (!copies)
    return section(
      h(
        "p",
        { class: "quiet" },
        mark("Waits"),
        pair.spec?.replication?.owner === "vendor"
          ? " The vendor's own job copies, each hour; Tandem does not see how that went."
          : " Tandem copies nothing on this node.",
      ),
    );
  const promised = pair.status.objectives?.maxDataAgeMilliseconds;
  const { harvest, diverged, undo } = copies;
  return section(
    h(
      "ul",
      { class: "kinds" },
      copies.database ? kind_item("database", copies.database, promised, now) : null,
      copies.files ? kind_item("files", copies.files, null, now) : null,
      "holds" in copies ? holds_item(copies.holds) : null,
      harvest?.held
        ? h(
            "li",
            { "data-key": "harvest" },
            h("p", { class: "line" }, badge("Waits", "Harvest"), " has not come home"),
            h("p", {}, worded(harvest.held.message)),
          )
        : null,
      undo?.kept?.hold
        ? h(
            "li",
            { "data-key": "undo" },
            badge("NotWell", "Undone"),
            " the last copy was taken back; none is made before somebody orders it",
            commands(["tandem replicate database"]),
          )
        : null,
      diverged?.waits
        ? h(
            "li",
            { "data-key": "diverged" },
            badge("Waits", "Divergence"),
            " what was changed while the secondary served waits",
            commands(["tandem divergence"]),
          )
        : null,
    ),
  );
}
