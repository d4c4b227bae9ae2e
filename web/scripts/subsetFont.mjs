/**
 * Writes `src/styles/inter.woff2`: Inter with the characters, weights and features that the pages use, a third of the
 * package's file. Run `npm run font` after a change here, and keep `unicode-range` in `src/styles/font.css` the same.
 */
import { readFileSync, writeFileSync } from "node:fs";
import subsetFont from "subset-font";

const SOURCE = "node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2";
const TARGET = "src/styles/inter.woff2";

const ascii = String.fromCodePoint(...Array.from({ length: 0x7f - 0x20 }, (_, offset) => 0x20 + offset));
const others = "\u00a0©°±·×–—‘’“”…™↑↓−";

const font = await subsetFont(readFileSync(SOURCE), ascii + others, {
  targetFormat: "woff2",
  variationAxes: { wght: { min: 400, max: 640, default: 400 } },
  keepFeatures: ["kern", "tnum", "cv05", "cv11", "ss03"],
});
writeFileSync(TARGET, font);
