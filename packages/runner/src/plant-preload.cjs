"use strict";

// Loaded by `node --require` into the subject of a control run: adds work to it, in proportion to its own time.
// The variables are taken away at once, so that neither children nor workers of the subject find them.
const PIECE_BYTES = 1024 * 1024;
const variables = ["FACTOR", "FILE", "START", "TAIL"].map((name) => `FORGEBENCH_PLANT_${name}`);
const [factor, file, startedNs, tailNs] = variables.map((name) => process.env[name]);
if (factor !== undefined) {
  for (const name of ["NODE_OPTIONS", ...variables]) delete process.env[name];
  const factorPct = BigInt(Math.round(Number(factor) * 100));
  process.on("exit", () => {
    const exitNs = process.hrtime.bigint();
    const elapsedNs = exitNs - BigInt(startedNs);
    // What comes after this is part of the run as well; how long it takes is known from earlier runs.
    const burnUntilNs = exitNs + ((elapsedNs + BigInt(tailNs)) * factorPct) / 100n;
    // The work is done in pieces of native code: a loop that turns often is compiled on the way, and was seen to stand
    // still for up to 2 ms meanwhile, which is more than what may have to be burned.
    const piece = Buffer.alloc(PIECE_BYTES);
    let nowNs = exitNs;
    while (nowNs < burnUntilNs) {
      piece.fill(1);
      nowNs = process.hrtime.bigint();
    }
    require("node:fs").writeFileSync(file, `${elapsedNs} ${nowNs - exitNs}\n`);
  });
}
