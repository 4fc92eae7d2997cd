// The shipped scrape configuration and rules, for a test: other targets, every second, and alerts that do
// not wait for their `for`.
//   TANDEM_NPM_PACKAGES=FOLDER node prometheus_config.mjs FOLDER TARGET...
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { yaml } from "./packages.mjs";
import { all_rules, read_rules, root } from "./sources.mjs";

const [folder, ...targets] = process.argv.slice(2);
const config = yaml.parse(readFileSync(join(root, "manifests/prometheus/prometheus.yaml"), "utf8"));
Object.assign(config.global, { scrape_interval: "1s", scrape_timeout: "1s", evaluation_interval: "1s" });
config.scrape_configs[0].static_configs[0].targets = targets;
writeFileSync(join(folder, "prometheus.yaml"), yaml.stringify(config));

const rules = read_rules();
for (const rule of all_rules(rules)) rule.for = "0s";
writeFileSync(join(folder, "tandem.rules.yaml"), yaml.stringify(rules));
