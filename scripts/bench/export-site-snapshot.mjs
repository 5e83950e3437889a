// Starts export-site-snapshot.ts with plain Node, as the runbook types it: node scripts/bench/export-site-snapshot.mjs FLAGS
import { register } from "tsx/esm/api";

register();
const [{ runInProcess }, { main }] = await Promise.all([import("@forgebench/io"), import("./export-site-snapshot.ts")]);
await runInProcess(main);
