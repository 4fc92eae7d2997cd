// The contact with the operator: asks anew whenever its stream says that something has changed, at least
// each some seconds, and each two seconds where there is no stream. Tells when it does not answer.
import { clock } from "./words.mjs";

const kPoll = 2000; // without a stream
const kLook = 5000; // beside one: a silent operator is seen by this
const kHidden = 30000; // nobody looks
const kTogether = 250; // changes that come close to each other are asked for at once
const kPatience = 5000; // for an answer
const kRetries = [1000, 2000, 3000, 5000, 8000];
const kStreamRetry = 30000;
const kStream = "/api/v1/events/stream";
const kClockStep = 3000; // a difference beyond this is a clock that was set

export class Contact {
  // `asked`: async (get) => document; get(path) gives its JSON, or throws. `told(document)`, `changed()`.
  constructor({ ask, told, changed, event }) {
    Object.assign(this, { ask, told, changed, event });
    this.lost_since = null; // by the operator's clock
    this.answered_at = null;
    this.live = false; // the stream is there
    this.failures = 0;
    this.offset = null;
    clock.now = () => (this.offset === null ? Date.now() : performance.now() + this.offset);
  }

  start() {
    this.refresh();
    this.open_stream();
    document.addEventListener("visibilitychange", () => document.hidden || this.refresh());
    addEventListener("online", () => this.refresh());
    addEventListener("pageshow", (event) => event.persisted && this.refresh());
  }

  async get(path) {
    const response = await fetch(path, {
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      headers: { Accept: "application/json" },
      signal: AbortSignal.timeout(kPatience),
    });
    if (!response.ok) throw Object.assign(new Error(`${path} answers ${response.status}`), { status: response.status });
    return response.json();
  }

  // Times are told in whole seconds: the largest difference is the nearest one.
  keep_time(iso) {
    const now = Date.parse(iso) - performance.now();
    if (Number.isNaN(now)) return;
    const apart = this.offset === null ? Infinity : Math.abs(now - this.offset);
    if (apart > kClockStep || now > this.offset) this.offset = now;
  }

  async refresh() {
    clearTimeout(this.timer);
    if (this.busy) {
      this.again = true;
      return;
    }
    this.busy = true;
    this.again = false;
    try {
      const document = await this.ask((path) => this.get(path));
      this.keep_time(document.pair.status.time);
      this.answered_at = clock.now();
      this.lost_since = null;
      this.failures = 0;
      this.told(document);
    } catch (error) {
      this.failures += 1;
      this.reason = error.status === 429 || error.status === 503 ? "it is too busy to answer" : "it does not answer";
      if (this.answered_at !== null && this.lost_since === null) this.lost_since = this.answered_at;
    }
    this.busy = false;
    this.timer = setTimeout(() => this.refresh(), this.pause());
    this.changed();
  }

  pause() {
    if (this.failures > 0) return kRetries[Math.min(this.failures, kRetries.length) - 1] * (0.8 + 0.4 * Math.random());
    if (this.again) return kTogether;
    if (document.hidden) return kHidden;
    return this.live ? kLook : kPoll;
  }

  soon() {
    if (this.busy) {
      this.again = true;
      return;
    }
    if (this.failures > 0 || document.hidden) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.refresh(), kTogether);
  }

  open_stream() {
    const stream = new EventSource(kStream);
    stream.onopen = () => {
      this.live = true;
      this.refresh();
    };
    stream.addEventListener("change", () => this.soon());
    stream.addEventListener("event", () => {
      this.event();
      this.soon();
    });
    // It connects again by itself where the connection broke; where it was refused it is tried anew, later.
    stream.onerror = () => {
      const was_live = this.live;
      this.live = false;
      if (was_live) this.refresh();
      if (stream.readyState === EventSource.CLOSED) setTimeout(() => this.open_stream(), kStreamRetry);
      this.changed();
    };
  }
}
