// What the tests print, and how they end.
let failures = 0;

export const say = (text) => console.log(`==> ${text}`);
export function fail(text) {
  failures += 1;
  console.error(`FAILED: ${text}`);
}
export function finish() {
  if (failures > 0) console.error(`${failures} failures`);
  else console.log("all good");
  process.exit(failures > 0 ? 1 : 0);
}

// Each mutation of a good subject must be found, by the rule that it is meant for; and each rule has one.
// `mutations`: { rule: change(copy) }; `findings(copy)`: [{ rule, message }].
export function prove(rule_names, subject, mutations, findings) {
  for (const rule of rule_names) {
    if (!mutations[rule]) {
      fail(`no mutation proves that the rule ${rule} can fail`);
      continue;
    }
    for (const change of [mutations[rule]].flat()) {
      const copy = structuredClone(subject);
      change(copy);
      if (!findings(copy).some((one) => one.rule === rule)) fail(`the rule ${rule} does not find: ${change}`);
    }
  }
  for (const rule of Object.keys(mutations)) if (!rule_names.includes(rule)) fail(`no rule ${rule}`);
}
