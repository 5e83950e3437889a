// Starts quickstart.ts with plain Node, also where nothing is installed yet: node scripts/bench/quickstart.mjs FLAGS
import { start } from "../launcher/launcher.mjs";
import { answerQuickstartFlags } from "../launcher/preflight.generated.mjs";
import { setUp } from "../launcher/setup.mjs";

const exitCode = await answerQuickstartFlags(process.argv.slice(2));
if (exitCode !== undefined) process.exit(exitCode);
await setUp({ ifChanged: true });

await start(import.meta.url);
