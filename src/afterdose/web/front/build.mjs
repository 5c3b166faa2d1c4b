// Builds the clinic's styles and scripts into ../static/afterdose. Run by `make front`.
import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";
import { compile } from "sass";

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const out = path("../static/afterdose");
const kit = path("node_modules/nhsuk-frontend/dist/nhsuk");

await rm(out, { recursive: true, force: true });
await mkdir(`${out}/images`, { recursive: true });

const { css } = compile(path("styles/afterdose.scss"), {
  loadPaths: [path("node_modules")],
  style: "compressed",
  // The kit announces what its next version drops; nothing of ours uses that.
  quietDeps: true,
});
await writeFile(`${out}/afterdose.css`, css);
for (const [, name] of new Set(css.matchAll(/url\("images\/([^"]+)"\)/g))) {
  await copyFile(`${kit}/assets/images/${name}`, `${out}/images/${name}`);
}
await copyFile(path("images/mark.svg"), `${out}/images/mark.svg`);

await build({
  entryPoints: [path("scripts/afterdose.js"), path("scripts/charts.js")],
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2020",
  legalComments: "eof",
  outdir: out,
  logLevel: "warning",
});
