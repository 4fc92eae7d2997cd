// Whether people are told.
import { as_bars, as_steps, colour, graph, increase, select, steps, target } from "./panels.mjs";

export const notifications = [
  [8, graph("Messages to people", "Mails, webhooks and programs of spec.notify that were handed over; tests count.", "short",
    [target(`sum by (instance, channel) (${increase("tandem_notifications_total")})`, "{{instance}} {{channel}}")],
    { custom: as_bars, legend: ["sum"] })],
  [8, graph("Messages that failed",
    "Attempts that failed, and notices that were given up: tandem notify tells why, tandem notify --test tries it.", "short",
    [target(`sum by (instance, channel) (${increase("tandem_notification_failures_total")})`, "{{instance}} {{channel}}"),
      target(`sum by (instance, channel) (${increase("tandem_notifications_dropped_total")})`, "{{instance}} {{channel}} given up")],
    { custom: as_bars, legend: ["sum"] })],
  [8, graph("Notices that wait", "What could not be told yet; for long, nobody is told.", "short",
    [target(`sum by (instance, channel) (${select("tandem_notifications_waiting")})`, "{{instance}} {{channel}}")],
    { custom: as_steps, defaults: { decimals: 0, thresholds: steps([null, colour.well], [1, colour.doubt]) },
      legend: ["lastNotNull"] })],
];
