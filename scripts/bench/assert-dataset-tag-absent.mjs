// Starts assert-dataset-tag-absent.ts with plain Node: node scripts/bench/assert-dataset-tag-absent.mjs FLAGS
import { start } from "../launcher/launcher.mjs";

await start(import.meta.url);
