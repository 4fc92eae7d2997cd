// What the status page must show while the pair lives through a night. page_test.sh runs the pair; pair_acts.sh does
// to it what is told here. Times are measured and printed, and never asserted.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { fail, finish, say } from "../observability/say.mjs";
import { axe, launch, open, until } from "./browser.mjs";

const run = promisify(execFile);
const { home, tests, seen } = process.env;
const kPageBytesMax = 150_000;
const pbx_a = "http://192.0.2.11:9877/";
const pbx_b = "http://192.0.2.12:9877/";

const act = (...words) => run("bash", [join(tests, "pair_acts.sh"), ...words], { timeout: 60000 });
const check = (holds, what) => holds || fail(what);
const word_is = ([key, word]) => document.querySelector(`.answer.${key} .word`)?.textContent.includes(word);
const page_has = (text) => document.body.innerText.includes(text);
const text_of = (page, selector) => page.locator(selector).innerText();

async function picture(page, name) {
  // An age that goes on by itself, and the blinking of a sign, are no part of the picture.
  await page.bringToFront();
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path: join(seen, `${name}.png`), fullPage: true, animations: "disabled", timeout: 90000 });
}

async function has_no_sideways_scroll(page, what) {
  const [wide, there] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ]);
  check(wide <= there, `${what}: ${wide} px wide in a window of ${there}`);
}

async function is_accessible(page, what) {
  for (const violation of await axe(page)) fail(`${what}: ${violation}`);
}

async function has_five_answers(page, words) {
  for (const [key, word] of Object.entries(words)) await until(page, `${key}: ${word}`, word_is, [key, word]);
}

async function an_ordinary_night(a, b) {
  say("an ordinary night: the five answers, on both nodes");
  await has_five_answers(a.page, { serves: "pbx-a", calls: "yes", holds: "yes" });
  await has_five_answers(b.page, { serves: "pbx-a", calls: "yes", holds: "yes" });
  check(
    (await text_of(b.page, "#headline")).startsWith("pbx-a serves, people can call"),
    `the headline: ${await text_of(b.page, "#headline")}`,
  );
  for (const { page } of [a, b])
    await until(page, "both nodes hear each other", page_has, "answers over the peer link");
  check((await a.page.title()).includes("pbx-a"), `the title: ${await a.page.title()}`);
  const bytes = [...a.watched.files.values()].reduce((sum, size) => sum + size, 0);
  say(`the page is ${bytes} bytes in ${a.watched.files.size} files`);
  check(bytes < kPageBytesMax && a.watched.files.size > 5, `the page's files: ${[...a.watched.files]}`);
  await picture(a.page, "ordinary");
}

// Event texts come from other systems: here from whoever types an order.
async function a_drift(a) {
  const evil = "<script>document.title='owned'</script><img src=x onerror=alert(1)>";
  say("suspended, with a reason that is markup: it is shown as the text that it is");
  await act("suspend", evil);
  await until(a.page, "the notice and the event show the reason", page_has, evil);
  check(
    (await a.page.evaluate(() => document.querySelectorAll("main script, main img").length)) === 0,
    "the reason became markup",
  );
  await has_five_answers(a.page, { holds: "not now" });
  say("somebody edits ha.conf meanwhile: the drift appears, and goes once the pair is resumed");
  const shown = until(a.page, "the drift", page_has, "10.9.8.7");
  await act("drift");
  say(`the drift was on the page ${await shown} ms after the edit began`);
  await picture(a.page, "drift");
  await is_accessible(a.page, "with a drift");
  const gone = until(
    a.page,
    "no drift",
    () => !document.querySelector("[data-key=drift] .resources [data-key=ha-conf] .badge.waits"),
  );
  await act("resume");
  say(`it was gone ${await gone} ms after the resume was typed`);
  await until(a.page, "the repair is an event", page_has, "Repaired");
}

async function the_reader_is_left_alone(a) {
  say("what a reader opened, chose and reached stays while the page lives");
  await a.page.locator("details[data-key=quiet] summary").click();
  await a.page.getByLabel("warnings only").check();
  await a.page.locator("details[data-key=quiet] summary").focus();
  await act("suspend", "once more");
  await until(a.page, "the notice", page_has, "once more");
  await act("resume");
  await until(a.page, "no notice", () => !document.querySelector("[data-key=notices]"));
  check(await a.page.locator("details[data-key=quiet]").evaluate((one) => one.open), "an opened part was closed");
  check(await a.page.getByLabel("warnings only").isChecked(), "the choice of events was undone");
  check(
    await a.page.evaluate(() => document.activeElement?.matches("details[data-key=quiet] summary")),
    "the focus was taken away",
  );
  check(
    !(await a.page.evaluate(() => document.querySelector(".timeline li:not(.warning)"))),
    "an ordinary event among the warnings",
  );
  await a.page.getByLabel("all", { exact: true }).check();
}

async function a_restart(a) {
  say("the operator is killed: the page says so with the time, and comes back by itself");
  a.watched.silence = true;
  await a.page.evaluate(() => (globalThis.same_page = true));
  const told = until(a.page, "the banner", () =>
    /No contact with the operator of pbx-a since \d\d:\d\d:\d\d/.test(document.getElementById("contact").innerText),
  );
  await act("kill_operator", "a");
  say(`no contact was told ${await told} ms after the kill began`);
  check(await a.page.evaluate(() => document.body.classList.contains("stale")), "old data is not marked");
  check((await a.page.title()).startsWith("✕"), "the title does not tell it");
  await is_accessible(a.page, "without contact");
  await picture(a.page, "no-contact");
  await act("start_operator", "a");
  const back = await until(
    a.page,
    "the contact",
    () => document.getElementById("contact").innerText === "" && !document.body.classList.contains("stale"),
  );
  say(`contact again ${back} ms after the operator was started`);
  check(await a.page.evaluate(() => globalThis.same_page), "the page was loaded anew");
  await has_five_answers(a.page, { serves: "pbx-a", calls: "yes" });
  await a.page.waitForTimeout(300);
  a.watched.silence = false;
}

async function a_takeover(a, b) {
  say("Asterisk dies on pbx-a: both pages tell the takeover as it happens");
  const nobody = until(b.page, "nobody serves", word_is, ["serves", "nobody"]);
  const taken = until(b.page, "pbx-b serves", word_is, ["serves", "pbx-b"]);
  await act("asterisk_dies");
  say(`the page of pbx-b told that nobody serves after ${await nobody} ms`);
  await picture(b.page, "nobody-serves");
  say(`and that it serves itself after ${await taken} ms`);
  await has_five_answers(b.page, { calls: "yes", holds: "no", next: "act" });
  await until(b.page, "the takeover is listed", () =>
    document.querySelector("[data-key=takeovers]").innerText.includes("ServiceDown"),
  );
  await has_five_answers(a.page, { serves: "pbx-b" });
  await is_accessible(b.page, "after a takeover");
  check((await b.page.locator(".answer.next .command code").count()) > 0, "no command is offered");
  const offered = await b.page.locator(".answer.next .command code").first().innerText();
  await b.page.locator(".answer.next .copy").first().click();
  await until(b.page, "the copy is told", page_has_said, offered);
  await picture(b.page, "takeover");
}
const page_has_said = (text) => document.getElementById("said").textContent.includes(text);

// 360 px, dark and light: what an administrator holds in a hand at night.
async function on_a_phone(browser, url, name) {
  for (const colorScheme of ["dark", "light"]) {
    const phone = await open(browser, url, {
      viewport: { width: 360, height: 740 },
      colorScheme,
      deviceScaleFactor: 2,
      reducedMotion: "reduce",
    });
    await until(phone.page, "the answers", word_is, ["calls", "yes"]);
    await has_no_sideways_scroll(phone.page, `${name}, ${colorScheme}`);
    await phone.page.evaluate(() => document.querySelectorAll("details").forEach((one) => (one.open = true)));
    await has_no_sideways_scroll(phone.page, `${name}, ${colorScheme}, all opened`);
    await is_accessible(phone.page, `${name}, ${colorScheme}`);
    check(
      (await phone.page.evaluate(() => document.getAnimations().length)) === 0,
      "it moves though the reader wants no motion",
    );
    await phone.page.evaluate(() => document.querySelectorAll("details").forEach((one) => (one.open = false)));
    await picture(phone.page, `phone-${name}-${colorScheme}`);
    await closes_well(phone, `phone ${name} ${colorScheme}`);
  }
}

async function by_keyboard(b) {
  say("each control is reached by the keyboard, and shows that it is");
  const { page } = b;
  await page.evaluate(() => {
    document.activeElement?.blur();
    scrollTo(0, 0);
  });
  await page.locator("h1").click();
  const wanted = await page.evaluate(
    () =>
      [...document.querySelectorAll("a, button, summary, input:checked")].filter((one) => one.checkVisibility()).length,
  );
  const reached = new Set();
  for (let step = 0; step < wanted + 10; ++step) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const one = document.activeElement;
      if (one === document.body) return null;
      globalThis.reached ??= new Map();
      if (!globalThis.reached.has(one)) globalThis.reached.set(one, globalThis.reached.size);
      return {
        id: globalThis.reached.get(one),
        outline: getComputedStyle(one).outlineStyle,
        what: one.outerHTML.slice(0, 120),
      };
    });
    if (at === null) break;
    if (at.outline === "none") fail(`the focus is not seen on ${at.what}`);
    reached.add(at.id);
  }
  check(reached.size >= wanted - 1, `${reached.size} of ${wanted} controls are reached by Tab`);
  await page.locator(".skip").focus();
  await page.keyboard.press("Enter");
  check((await page.evaluate(() => document.activeElement?.id)) === "answers", "the link past the top leads nowhere");
}

async function without_its_comforts(browser) {
  say("a reader whose clock is a day ahead sees the same ages; one without JavaScript is told where to look");
  const ahead = await open(browser, pbx_b, {}, (page) =>
    page.addInitScript(() => {
      const now = Date.now.bind(Date);
      Date.now = () => now() + 86_400_000;
    }),
  );
  await until(ahead.page, "the answers", word_is, ["calls", "yes"]);
  const ages = await ahead.page.locator("time[data-kind=for], time[data-kind=ago]").allInnerTexts();
  check(
    ages.length > 5 && ages.every((age) => !/\d d|\d h|^0 s/.test(age) || age === "0 s"),
    `ages: ${ages.join("; ")}`,
  );
  await closes_well(ahead, "a clock ahead");
  const plain = await open(browser, pbx_b, { javaScriptEnabled: false });
  check(
    (await plain.page.locator("noscript, main").allInnerTexts()).join(" ").includes("tandem status"),
    "nothing is said without JavaScript",
  );
  await plain.context.close();
}

// What held all the time that the page was open.
async function closes_well(opened, what) {
  for (const one of opened.watched.faults) fail(`${what}: ${one}`);
  const violations = await opened.page.evaluate(() => globalThis.violations);
  for (const one of violations) fail(`${what}: against the page's policy: ${one}`);
  const others = [...opened.watched.hosts].filter((host) => host !== new URL(opened.url).host);
  check(others.length === 0, `${what}: it asked ${others}`);
  await opened.context.close();
}

// The watch over the policy can see: the same page, made to break it.
async function the_policy_holds(browser) {
  const broken = await open(browser, pbx_a);
  await until(broken.page, "the answers", word_is, ["serves", "pbx"]);
  await broken.page.evaluate(() => {
    const image = document.createElement("img");
    image.src = "http://192.0.2.1/x.png";
    document.body.append(image);
    try {
      document.body.insertAdjacentHTML("beforeend", "<b>markup</b>");
    } catch {
      // Trusted types: it is no string.
    }
  });
  await until(broken.page, "the browser refuses", () => globalThis.violations.length >= 2);
  await broken.context.close();
}

const browser = await launch(join(home, "browser"));
const pages = {};
try {
  const a = (pages.a = await open(browser, pbx_a));
  const b = (pages.b = await open(browser, pbx_b));
  await an_ordinary_night(a, b);
  await the_policy_holds(browser);
  await a_drift(a);
  await the_reader_is_left_alone(a);
  await a_restart(a);
  await a_takeover(a, b);
  await by_keyboard(b);
  await on_a_phone(browser, pbx_b, "takeover");
  await without_its_comforts(browser);
  await closes_well(a, "pbx-a");
  await closes_well(b, "pbx-b");
} catch (error) {
  fail(error.stack);
  for (const [name, { page }] of Object.entries(pages))
    await picture(page, `failed-${name}`).catch((also) => fail(also.message));
} finally {
  await browser.close();
}
finish();
