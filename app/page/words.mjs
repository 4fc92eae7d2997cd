// How things are told: times, lengths of time, numbers, and how something stands.
import { h } from "./dom.mjs";

// The operator's clock, as it is now: ages are told by it alone. `Contact` keeps it.
export const clock = { now: () => Date.now() };

const two = (number) => String(number).padStart(2, "0");

export function time_of_day(milliseconds) {
  const at = new Date(milliseconds);
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

function day_of(milliseconds) {
  const at = new Date(milliseconds);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

// Today's as "02:11:40", another day's with its date; by the reader's own zone.
export function moment(milliseconds) {
  const day = day_of(milliseconds);
  return day === day_of(clock.now()) ? time_of_day(milliseconds) : `${day} ${time_of_day(milliseconds)}`;
}

// "4 s", "3 min", "2 h 5 min", "9 d"
export function length(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 1 && milliseconds > 0) return `${Math.round(milliseconds)} ms`;
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 && minutes < 10 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  return `${Math.floor(hours / 24)} d`;
}

// Ages are told in steps that do not hurry the eye.
export function age_text(at) {
  const age = Math.max(0, clock.now() - at);
  return age < 1500 ? "now" : `${length(age)} ago`;
}

const time_element = (iso, kind, text) =>
  h("time", { datetime: iso, "data-at": Date.parse(iso), "data-kind": kind, title: `${iso} (UTC)` }, text);

export const ago = (iso) => (iso ? time_element(iso, "ago", age_text(Date.parse(iso))) : "never");
export const for_so_long = (iso) => (iso ? time_element(iso, "for", length(clock.now() - Date.parse(iso))) : "");
export const at_time = (iso) => (iso ? time_element(iso, "at", moment(Date.parse(iso))) : "");
export const until = (iso) => (iso ? time_element(iso, "in", in_text(Date.parse(iso))) : "");

function in_text(at) {
  const left = at - clock.now();
  return left > 0 ? `in ${length(left)}` : "now";
}

// Once a second: what tells an age goes on, whatever else is new.
export function tick(root) {
  for (const element of root.querySelectorAll("time[data-at]")) {
    const at = Number(element.dataset.at);
    const kind = element.dataset.kind;
    const text =
      kind === "ago" ? age_text(at) : kind === "for" ? length(clock.now() - at) : kind === "in" ? in_text(at) : null;
    if (text !== null && element.textContent !== text) element.textContent = text;
  }
}

export const number = (value) => String(value ?? 0).replace(/\B(?=(\d{3})+$)/g, ",");

export function bytes(value) {
  if (value < 1024) return `${value} B`;
  const units = ["KiB", "MiB", "GiB", "TiB"];
  let size = value / 1024;
  let unit = 0;
  for (; size >= 1024 && unit + 1 < units.length; ++unit) size /= 1024;
  return `${size.toFixed(1)} ${units[unit]}`;
}

export const plural = (count, one, more = `${one}s`) => `${count} ${count === 1 ? one : more}`;

// Never by colour alone: a shape and a word.
const kStandings = {
  Well: { name: "well", shape: "●" },
  Waits: { name: "waits", shape: "◆" },
  Unknown: { name: "waits", shape: "?" },
  NotWell: { name: "bad", shape: "▲" },
};
export const standing_name = (standing) => (kStandings[standing] ?? kStandings.Unknown).name;
export const shape = (standing) => (kStandings[standing] ?? kStandings.Unknown).shape;

export const mark = (standing) =>
  h("span", { class: `mark ${standing_name(standing)}`, "aria-hidden": "true" }, shape(standing));

const kSpoken = { Well: "well", Waits: "waits", Unknown: "not known", NotWell: "not well" };
export const spoken = (standing) => kSpoken[standing] ?? "not known";

// A mark and a word: "● InSync"
export const badge = (standing, text) =>
  h("span", { class: `badge ${standing_name(standing)}` }, mark(standing), " ", text);
