// The npm packages, from the folder that packages.sh filled: they are not beside these sources.
import { createRequire } from "node:module";
import { resolve } from "node:path";

const folder = process.env.TANDEM_NPM_PACKAGES;
if (!folder) throw new Error("TANDEM_NPM_PACKAGES must be the folder that packages.sh filled");

export const packages = resolve(folder);
const require = createRequire(`${packages}/package.json`);
export const yaml = require("yaml");
export const promql_parser = require("@prometheus-io/lezer-promql").parser;
