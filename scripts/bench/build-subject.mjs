// Starts build-subject.ts with plain Node: node scripts/bench/build-subject.mjs FLAGS
import { start } from "../launcher/launcher.mjs";

await start(import.meta.url);
