// A real Chromium, and what every page in it must keep to: nothing is asked of another host, nothing is blocked
// by the page's policy, no error is written.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

const folder = process.env.TANDEM_NPM_PACKAGES;
if (!folder) throw new Error("TANDEM_NPM_PACKAGES must be the folder that packages.sh filled");
const require = createRequire(resolve(folder, "package.json"));
const { chromium } = require("playwright-core");
const axe_source = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

export function launch(executable) {
  return chromium.launch({
    executablePath: executable,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--disable-background-networking",
      "--disable-component-update",
    ],
  });
}

// A page on `url`, and what it did. `expect_silence(true)`: its operator is away, so refused questions are no fault.
export async function open(browser, url, options = {}, before = async () => {}) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    colorScheme: "light",
    ...options,
  });
  const page = await context.newPage();
  const watched = { faults: [], hosts: new Set(), files: new Map(), silence: false };
  const fault = (text) => watched.faults.push(text);
  page.on("console", (message) => {
    if (!["error", "warning"].includes(message.type())) return;
    const away = /net::ERR_|Failed to load resource/.test(message.text());
    if (!(away && watched.silence)) fault(`${message.type()}: ${message.text()} (${message.location().url})`);
  });
  page.on("pageerror", (error) => fault(`exception: ${error.stack}`));
  page.on("dialog", (dialog) => {
    fault(`a dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on("request", (request) => {
    if (!request.url().startsWith("data:")) watched.hosts.add(new URL(request.url()).host);
  });
  page.on("response", async (response) => {
    const path = new URL(response.url()).pathname;
    if (!path.startsWith("/api/") && response.status() === 200) watched.files.set(path, (await response.body()).length);
  });
  await page.addInitScript(() => {
    globalThis.violations = [];
    document.addEventListener("securitypolicyviolation", (event) => {
      globalThis.violations.push(
        `${event.violatedDirective}: ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`,
      );
    });
  });
  await before(page);
  await page.goto(url, { waitUntil: "commit" });
  return { page, context, watched, url };
}

export async function axe(page) {
  await page.evaluate(axe_source);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  return violations.map(
    (one) =>
      `${one.id}: ${one.help}: ${one.nodes
        .slice(0, 3)
        .map((node) => `${node.html} ${node.failureSummary}`)
        .join(" | ")}`,
  );
}

// For whatever must happen; a busy machine takes its time.
const kPatience = 1000 * Number(process.env.TANDEM_PATIENCE ?? 90);

// Waits in the page itself, so that what is measured is not the driver.
export async function until(page, what, test, argument = null, patience = kPatience) {
  const began = performance.now();
  try {
    await page.waitForFunction(test, argument, { polling: 20, timeout: patience });
  } catch (error) {
    throw new Error(
      `not within ${patience / 1000} s: ${what}: ${error.message.split("\n")[0]}\n${await page.evaluate(() => document.body?.innerText)}`,
    );
  }
  return Math.round(performance.now() - began);
}
