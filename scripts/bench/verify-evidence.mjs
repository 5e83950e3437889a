// Starts verify-evidence.ts with plain Node: node scripts/bench/verify-evidence.mjs FLAGS
import { register } from "tsx/esm/api";

register();
const [{ runInProcess }, { main }] = await Promise.all([import("@forgebench/io"), import("./verify-evidence.ts")]);
await runInProcess(main);
