// Elements from values, and the smallest change that makes what is shown into them: focus, opened parts
// and what a reader has reached stay where they are. All text goes in as text.

const kSvg = "http://www.w3.org/2000/svg";
const kSvgTags = new Set(["svg", "rect", "path", "g", "circle", "line"]);

// h("p", { class: "x", onclick: f }, "text", node, null, [more])
export function h(tag, attributes, ...children) {
  const element = kSvgTags.has(tag) ? document.createElementNS(kSvg, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element[name] = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false || child === "") continue;
    element.append(child instanceof Node ? child : String(child));
  }
  return element;
}

// The commands in a message stand in backquotes.
export function worded(text) {
  return String(text ?? "")
    .split("`")
    .map((part, index) => (index % 2 === 1 ? h("code", {}, part) : part));
}

const key_of = (node) => (node.nodeType === Node.ELEMENT_NODE ? node.getAttribute("data-key") : null);

const kHandlers = ["onclick", "onchange"];
// What the reader did to an element is the reader's.
const kReaders = new Set(["open"]);

function take_attributes(shown, wanted) {
  for (const { name, value } of wanted.attributes)
    if (!kReaders.has(name) && shown.getAttribute(name) !== value) shown.setAttribute(name, value);
  for (const { name } of [...shown.attributes])
    if (!kReaders.has(name) && !wanted.hasAttribute(name)) shown.removeAttribute(name);
  for (const name of kHandlers) shown[name] = wanted[name];
}

function is_like(shown, wanted) {
  return shown.nodeType === wanted.nodeType && shown.nodeName === wanted.nodeName && key_of(shown) === key_of(wanted);
}

function morph(shown, wanted) {
  if (shown.nodeType !== Node.ELEMENT_NODE) {
    if (shown.data !== wanted.data) shown.data = wanted.data;
    return;
  }
  take_attributes(shown, wanted);
  show(shown, [...wanted.childNodes]);
}

// Makes the children of `parent` like `wanted`; what is alike stays the same element, and is moved only where the
// order is another: what is moved loses the focus.
export function show(parent, wanted) {
  const next_ones = wanted.flat(Infinity).filter((one) => one instanceof Node);
  const keys = new Set(next_ones.map(key_of));
  const keyed = new Map();
  for (const child of parent.childNodes) if (key_of(child)) keyed.set(key_of(child), child);
  const stays = (child) => key_of(child) && keys.has(key_of(child));
  let at = parent.firstChild;
  const drop = () => {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  };
  for (const next of next_ones) {
    const known = key_of(next) ? keyed.get(key_of(next)) : at;
    if (known && known.parentNode === parent && is_like(known, next)) {
      while (at && at !== known && !stays(at)) drop();
      if (known === at) at = at.nextSibling;
      else parent.insertBefore(known, at);
      morph(known, next);
    } else {
      parent.insertBefore(next, at);
    }
  }
  while (at) drop();
}

export function say(text) {
  const place = document.getElementById("said");
  if (place.textContent !== text) place.textContent = text;
}

// A browser gives the clipboard to secure pages alone: elsewhere the command is selected, and copied the old way.
async function copy(command, code) {
  try {
    await navigator.clipboard.writeText(command);
    return true;
  } catch {
    const range = document.createRange();
    range.selectNodeContents(code);
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    return document.execCommand("copy");
  }
}

export function command(text) {
  const onclick = async (event) => {
    const button = event.currentTarget;
    const done = await copy(text, button.parentNode.querySelector("code"));
    say(done ? `Copied: ${text}` : "Select the command and copy it by hand");
    button.classList.add("done");
    setTimeout(() => button.classList.remove("done"), 1500);
  };
  return h(
    "span",
    { class: "command", "data-key": `command ${text}` },
    h("code", {}, text),
    h("button", { type: "button", class: "copy", "aria-label": `Copy: ${text}`, onclick }, "copy"),
  );
}

export const commands = (list) => (list?.length ? h("p", { class: "commands" }, list.map(command)) : null);
