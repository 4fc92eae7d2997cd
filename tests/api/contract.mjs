// Asks a running operator each operation of its document, and holds what it answers against the schemas; and
// asks what no document has.
//   contract.mjs URL TOKEN-FILE OPENAPI
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { request } from "node:http";
import { connect } from "node:net";
import path from "node:path";

const [url, token_file, document_file] = process.argv.slice(2);
const require = createRequire(path.join(process.env.TANDEM_NPM_PACKAGES, "package.json"));
const Ajv = require("ajv/dist/2020.js").default;
const formats = require("ajv-formats").default;

const token = readFileSync(token_file, "utf8").trim();
const document = JSON.parse(readFileSync(document_file, "utf8"));
const kPatience = 60_000; // milliseconds
const ajv = new Ajv({ strict: false, allErrors: true });
formats(ajv);
ajv.addSchema(document, "doc");

// The status, the headers and the body; of a stream the body until `enough` holds.
function ask(method, target, { headers = {}, body, enough = () => false } = {}) {
  return new Promise((resolve, reject) => {
    const asked = request(url + target, { method, headers, timeout: kPatience }, (answer) => {
      let text = "";
      const done = () => resolve({ status: answer.statusCode, headers: answer.headers, text });
      answer.on("data", (part) => {
        text += part;
        if (!enough(text)) return;
        done();
        asked.destroy();
      });
      answer.on("end", done);
      answer.on("error", done);
    });
    asked.on("error", reject);
    asked.on("timeout", () => asked.destroy(new Error(`${method} ${target}: no answer`)));
    asked.end(body);
  });
}

// Says that so many bytes follow, and reads what is said to that.
function announce(bytes) {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) });
    let text = "";
    socket.setTimeout(kPatience, () => socket.destroy(new Error("no answer to a large body")));
    socket.on("data", (part) => (text += part));
    socket.on("error", reject);
    socket.on("end", () => {
      const [head, body] = text.split("\r\n\r\n");
      const type = /content-type: (.*)\r?/i.exec(head)?.[1].trim();
      resolve({ status: Number(head.split(" ")[1]), headers: { "content-type": type }, text: body });
      socket.destroy();
    });
    socket.write(`POST /api/v1/actions/apply HTTP/1.1\r\nHost: ${hostname}\r\nContent-Length: ${bytes}\r\n\r\n`);
  });
}

const pointer = (...parts) =>
  `doc#/${parts.map((part) => encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"))).join("/")}`;

// What was answered is what the document says of this status.
function check(route, method, answer) {
  const where = `${method.toUpperCase()} ${route}: ${answer.status}`;
  const response = document.paths[route][method].responses[answer.status];
  assert.ok(response, `${where} is not documented: ${answer.text.slice(0, 300)}`);
  const type = (answer.headers["content-type"] ?? "").split(";")[0];
  const content = response.content?.[type];
  assert.ok(content, `${where}: '${type}' is not documented`);
  for (const name of Object.keys(response.headers ?? {})) {
    assert.ok(answer.headers[name.toLowerCase()], `${where}: without ${name}`);
  }
  if (type.includes("json")) {
    const validate = ajv.compile({ $ref: pointer("paths", route, method, "responses", String(answer.status), "content", type, "schema") });
    const value = JSON.parse(answer.text);
    assert.ok(validate(value), `${where}: ${ajv.errorsText(validate.errors)}\n${answer.text.slice(0, 2000)}`);
    if (answer.status >= 400) assert.equal(value.status, answer.status, where);
  }
  return answer;
}

function is_problem(answer, status, where) {
  assert.equal(answer.status, status, `${where}: ${answer.text.slice(0, 300)}`);
  assert.equal(answer.headers["content-type"], "application/problem+json", where);
  assert.equal(JSON.parse(answer.text).status, status, where);
}

const examples = { id: "example-takeover" };
const queried = (operation) => {
  const needed = (operation.parameters ?? []).filter((one) => one.required);
  return needed.length === 0 ? "" : `?${needed.map((one) => `${one.name}=${examples[one.name]}`).join("&")}`;
};
const example_of = (operation) => {
  const content = operation.requestBody.content["application/json"];
  return JSON.stringify(content.example ?? {});
};

let asked = 0;
async function check_read(route, operation) {
  const streams = Object.keys(operation.responses[200].content)[0] === "text/event-stream";
  const enough = (text) => streams && text.includes("event: change");
  const answer = check(route, "get", await ask("GET", route + queried(operation), { enough }));
  if (!("404" in operation.responses || "403" in operation.responses || "503" in operation.responses || "409" in operation.responses)) {
    assert.equal(answer.status, 200, route);
  }
  for (const one of operation.parameters ?? []) {
    if (one.in !== "query" || one.allowEmptyValue) continue;
    check(route, "get", await ask("GET", `${route}?${one.name}=%20`));
    is_problem(await ask("GET", `${route}?${one.name}=%20`), 422, route);
  }
  asked += 1;
}

async function check_order(route, operation) {
  const headers = { Authorization: `Bearer ${token}` };
  if (operation.security) {
    check(route, "post", await ask("POST", route, { body: example_of(operation) }));
    const intruder = { headers: { Authorization: "Bearer wrong" }, body: example_of(operation) };
    is_problem(check(route, "post", await ask("POST", route, intruder)), 401, route);
  }
  const refused = check(route, "post", await ask("POST", route, { headers, body: '{"surprise": true}' }));
  assert.notEqual(refused.status, 202, route);
  const broken = await ask("POST", route, { headers, body: "{" });
  assert.ok(broken.status >= 400 || route.endsWith("cancel-undo"), `${route}: ${broken.status}`);
  check(route, "post", broken);
  check(route, "post", await ask("POST", route, { headers, body: example_of(operation) }));
  asked += 1;
}

for (const [route, operations] of Object.entries(document.paths)) {
  if (operations.get) await check_read(route, operations.get);
  if (operations.post) await check_order(route, operations.post);
  const wrong = await ask("DELETE", route);
  is_problem(wrong, 405, route);
  assert.ok(wrong.headers.allow.includes(operations.get ? "GET" : "POST"), route);
}

// The program serves its document, and nothing beside it.
assert.deepEqual(JSON.parse((await ask("GET", "/openapi.json")).text), document);
const listed = (await ask("GET", "/", { headers: { Accept: "text/plain" } })).text.split("\n").filter((line) => line.startsWith("/"));
assert.ok(listed.length > 10, "the paths are listed at /");
for (const route of listed) assert.ok(document.paths[route]?.get, `${route} is served, and not documented`);
for (const route of Object.keys(document.paths)) {
  if (document.paths[route].get && !route.startsWith("/api/v1/peer")) assert.ok(listed.includes(route), `${route} is not served`);
}

// What no path has, and what the server itself refuses.
is_problem(await ask("GET", "/nothing/here"), 404, "an unknown path");
is_problem(await ask("POST", "/api/v1/actions/nothing", { headers: { Authorization: `Bearer ${token}` } }), 404, "an unknown order");
is_problem(await announce(2 << 20), 413, "a large body");
is_problem(await ask("GET", "/livez", { headers: { "X-Large": "x".repeat(9000) } }), 431, "large headers");

console.log(`${asked} operations answer as ${path.basename(document_file)} says, and nothing else is served`);
