import { readFile } from "node:fs/promises";
import { defineConfig, type Plugin, type TestUserConfig } from "vitest/config";

/** Some packages name source maps, but come without the sources these lead to; of each, vite prints a warning. */
const withoutSourceMaps: Plugin = {
  name: "without source maps of packages",
  enforce: "pre",
  async load(id) {
    if (!/\/node_modules\/@actions\/.*\.js$/.test(id)) return undefined;
    return (await readFile(id, "utf8")).replace(/^\/\/# sourceMappingURL=.*$/gm, "");
  },
};

/** What all tests have in common, those of `npm run test:slow` too. */
export const commonOptions = (run: "fast" | "slow") =>
  ({
    // Catches what hangs, and nothing else: tests wait for conditions, and a busy machine may take its time.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // For single tests; a file of slow tests alone is called NAME.slow.test.ts.
    tags: [
      { name: "slow", description: "left to npm run test:slow", skip: run === "fast" },
      { name: "kills", description: "a kill or two in npm test, more of them in npm run test:slow" },
    ],
    // GitHub's packages import JSON and one another in ways that Node alone does not take.
    server: { deps: { inline: [/@actions\//] } },
  }) satisfies TestUserConfig;

export const PLUGINS = [withoutSourceMaps];

export const GLOBAL_SETUP = "scripts/vitest/global-setup.ts";

/** They start no processes, or few. */
const PURE = [
  "packages/{artifacts,dataset,errors,imageforge,io,planning,rehearsal,report,series,site,stats,transfer,verdict}/**/*.test.ts",
  "scripts/checks/**/*.test.ts",
  "scripts/bench/{accepted,any,build-tiers,compare,export,merge,night,pack,plan,rehearse,verify}*.test.ts",
];
const NOT_THESE = ["**/node_modules/**", "**/*.slow.test.ts"];

export default defineConfig({
  test: {
    globalSetup: GLOBAL_SETUP,
    // Much of these tests is waiting for processes.
    maxWorkers: 3,
    projects: [
      {
        plugins: PLUGINS,
        // Loading what they test takes longer than they do: it is done once.
        test: { ...commonOptions("fast"), name: "pure", include: PURE, exclude: NOT_THESE, isolate: false },
      },
      {
        plugins: PLUGINS,
        // The larger a process is, the longer it takes to start another one from it: each file has a small one to itself.
        test: {
          ...commonOptions("fast"),
          name: "processes",
          include: ["{packages,scripts}/**/*.test.ts"],
          exclude: [...PURE, ...NOT_THESE],
        },
      },
    ],
  },
});
