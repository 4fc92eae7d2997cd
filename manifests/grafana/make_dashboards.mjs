// Writes the dashboards, tandem-pair.json and the others, into a folder:
//   node manifests/grafana/make_dashboards.mjs manifests/grafana
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { dashboard } from "./dashboard.mjs";
import * as node from "./node_panels.mjs";
import { notifications } from "./notify_panels.mjs";
import { conditions } from "./overview_panels.mjs";
import * as pair from "./pair_panels.mjs";
import * as replication from "./replication_panels.mjs";

const dashboards = [
  {
    uid: "tandem-pair",
    title: "Tandem: a telephony pair",
    description: "Who serves, whether people can call, whether it will hold when the primary fails, and what is not well.",
    sections: [
      ["Who serves, can people call, will it hold?", 6, pair.glance],
      ["Takeover", 8, pair.takeover],
      ["Conditions", 12, conditions],
      ["Declaration", 8, pair.declaration],
    ],
  },
  {
    uid: "tandem-node",
    title: "Tandem: a node",
    description: "What the operator of a node sees and does: probes, resources, orders, and the operator's own process.",
    sections: [
      ["How is it?", 6, node.glance],
      ["Probes", 8, node.probes],
      ["Resources", 9, node.resources],
      ["Orders, and what else holds", 8, node.orders],
      ["Conditions", 12, conditions],
      ["Are people told?", 8, notifications],
      ["The operator itself", 7, node.operator],
    ],
  },
  {
    uid: "tandem-replication",
    title: "Tandem: replication",
    description: "Whether the secondary has the data of today, how it gets there, and what waits since a takeover.",
    sections: [
      ["Would a takeover meet the data of today?", 8, replication.glance],
      ["Copies", 8, replication.copies],
      ["The stream", 8, replication.stream],
      ["Undo, and what came after a takeover", 8, replication.afterwards],
    ],
  },
];

const [folder] = process.argv.slice(2);
if (!folder) throw new Error("usage: node make_dashboards.mjs FOLDER");
for (const one of dashboards)
  writeFileSync(join(folder, `${one.uid}.json`), `${JSON.stringify(dashboard(one), null, 2)}\n`);
