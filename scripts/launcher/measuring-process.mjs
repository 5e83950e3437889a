// Starts the process that measures, which packages/steps/src/run/run-step.ts talks to.
import { startMain } from "./launcher.mjs";

await startMain("measuring-process", "packages/steps/src/run/measuring-process.ts");
