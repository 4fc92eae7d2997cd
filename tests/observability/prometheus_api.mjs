// The few questions that the tests ask a running Prometheus.
export class Prometheus {
  constructor(url) {
    this.url = url;
    this.known = new Map(); // a selector is asked for once
  }

  async ask(path, parameters) {
    const answer = await fetch(`${this.url}/api/v1/${path}`, {
      method: "POST", body: new URLSearchParams(parameters), signal: AbortSignal.timeout(20000),
    });
    const body = await answer.json();
    if (body.status !== "success") throw new Error(body.error ?? `HTTP ${answer.status}`);
    return body.data;
  }

  async query(expression) {
    const { result } = await this.ask("query", { query: expression });
    return result;
  }

  // Every series of this selector since Prometheus was started, those that are gone included.
  series(selector) {
    if (!this.known.has(selector)) {
      const now = Date.now() / 1000;
      this.known.set(selector, this.ask("series", { "match[]": selector, start: `${now - 3600}`, end: `${now + 60}` }));
    }
    return this.known.get(selector);
  }

  async label_values(label, selector) {
    const series = await this.series(selector);
    return new Set(series.map((one) => one[label]).filter((value) => value !== undefined));
  }
}
