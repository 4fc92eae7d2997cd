// The five answers, with what to do.
import { commands, h, worded } from "./dom.mjs";
import { mark, plural, shape, spoken, standing_name } from "./words.mjs";

const kQuestions = ["serves", "calls", "holds", "broke", "next"];

function advice_item(advice) {
  const about = advice.about.replace(/^[a-z]+\//, "");
  return h(
    "li",
    { "data-key": `${advice.about} ${advice.sentence.slice(0, 40)}`, class: standing_name(advice.standing) },
    mark(advice.standing),
    " ",
    h("b", {}, about),
    " ",
    h("span", { class: "unseen" }, `(${spoken(advice.standing)})`),
    h("p", {}, worded(advice.sentence)),
    commands(advice.commands),
  );
}

const is_pressing = (one) => one.standing === "NotWell" || one.standing === "Unknown" || one.about === "failover";

function advice_list(advice) {
  const now = advice.filter(is_pressing);
  const later = advice.filter((one) => !is_pressing(one));
  return [
    now.length ? h("ol", { class: "advice", "data-key": "now" }, now.map(advice_item)) : null,
    later.length
      ? h(
          "details",
          { class: "later", "data-key": "later" },
          h("summary", {}, `${plural(later.length, "thing has", "things have")} time`),
          h("ol", { class: "advice" }, later.map(advice_item)),
        )
      : null,
  ];
}

// What the next takeover or failback waits for, as `tandem why` tells it.
function why_details(why) {
  if (!why?.guards?.length) return null;
  return h(
    "details",
    { "data-key": "why" },
    h("summary", {}, "What it waits for"),
    h(
      "ul",
      { class: "guards" },
      why.guards.map((guard) =>
        h(
          "li",
          { "data-key": guard.name },
          mark(guard.holds ? "Well" : "Waits"),
          " ",
          guard.name,
          ": ",
          guard.value,
          h("span", { class: "unseen" }, guard.holds ? " (holds)" : " (does not hold)"),
          guard.threshold ? h("span", { class: "dim" }, ` of ${guard.threshold}`) : null,
        ),
      ),
    ),
  );
}

export function answers_section(status, why) {
  const card = (key) => {
    const answer = status.answers[key];
    return h(
      "article",
      { class: `card answer ${standing_name(answer.standing)} ${key}`, "data-key": key, "aria-labelledby": `q-${key}` },
      h("h3", { id: `q-${key}` }, answer.question),
      h(
        "p",
        { class: "word" },
        h("span", { class: "shape", "aria-hidden": "true" }, shape(answer.standing)),
        " ",
        answer.word,
      ),
      h("p", { class: "sentence" }, worded(answer.sentence)),
      key === "holds" ? why_details(why) : null,
      key === "next" ? advice_list(status.answers.advice) : null,
    );
  };
  return h(
    "section",
    { id: "answers", "aria-labelledby": "five", "data-key": "answers", tabindex: "-1" },
    h("h2", { id: "five", class: "unseen" }, "The five questions"),
    h("div", { class: "answers" }, kQuestions.map(card)),
  );
}
