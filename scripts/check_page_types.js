// Checks the parts of the explorer's script one after another, in one scope, as the program puts them together.
"use strict";
const { spawnSync } = require("node:child_process");
const { mkdtempSync, readFileSync, rmSync, writeFileSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");

const page = "Sources/TinyGPT/Inspection/Page";
const embedded = readFileSync("Sources/EmbeddedTexts/EmbeddedTexts.c", "utf8").match(/explorerScriptsBytes[^;]*/);
const names = [...embedded[0].matchAll(/(\w+)\.js"/g)].map(match => match[1]);
if (!names.length) throw new Error("the explorer has no scripts");
// Some versions of the compiler see a tag only where its line begins, so it changes places with the words before it.
const tag = /(\/\*\*|^ *\*) ((?:(?!\*\/)[^@])+?) (@(?:param|type|typedef|returns|implements)\b(?:(?!\*\/).)*?)(?=\*\/|$)/g;
const lines = ['"use strict"; (() => {'], places = [""];
for (const name of names) {
  readFileSync(`${page}/Parts/${name}.js`, "utf8").trimEnd().split("\n").forEach((line, i) => {
    lines.push(line.replace(tag, "$1 $3 $2 "));
    places.push(`${name}.js:${i + 1}`);
  });
}
lines.push("})();");

const folder = mkdtempSync(join(tmpdir(), "page-types-"));
try {
  writeFileSync(join(folder, "page.js"), lines.join("\n"));
  const options = ["--allowJs", "--checkJs", "--noEmit", "--noImplicitAny", "--target", "es2022", "--lib", "es2022,dom,dom.iterable"];
  const result = spawnSync("tsc", [...options, join(folder, "page.js")], { encoding: "utf8" });
  if (result.error) throw result.error;
  process.stderr.write(result.stdout.replace(/^.*page\.js\((\d+),\d+\): /gm, (_, line) => `${places[line - 1]}: `));
  if (result.status !== 0) {
    process.stderr.write("the types of the page's scripts do not agree\n");
    process.exitCode = 1;
  } else {
    process.stdout.write(`the types of ${names.length} scripts agree: ${lines.length} lines\n`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
