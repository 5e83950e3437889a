// Starts quickstart.ts with plain Node, also where nothing is installed yet: node scripts/bench/quickstart.mjs FLAGS
import { start } from "../launcher/launcher.mjs";
import { answerFlags } from "../launcher/preflight.generated.mjs";
import { setUp } from "../launcher/setup.mjs";

const exitCode = await answerFlags(process.argv.slice(2), {
  ...{ cwd: process.cwd(), env: process.env },
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
});
if (exitCode !== undefined) process.exit(exitCode);
await setUp({ ifChanged: true });

await start(import.meta.url);
