import { readFile } from "node:fs/promises";
import { type Plugin, type TestUserConfig, defineConfig } from "vitest/config";

/** Some packages name source maps, but come without the sources these lead to; of each, vite prints a warning. */
const withoutSourceMaps: Plugin = {
  name: "without source maps of packages",
  enforce: "pre",
  async load(id) {
    if (!/\/node_modules\/@actions\/.*\.js$/.test(id)) return undefined;
    return (await readFile(id, "utf8")).replace(/^\/\/# sourceMappingURL=.*$/gm, "");
  },
};

/** What the tests of `npm test` and of `npm run test:slow` have in common. */
export const COMMON = {
  // Catches what hangs, and nothing else: tests wait for conditions, and a busy machine may take its time.
  testTimeout: 300_000,
  hookTimeout: 300_000,
  globalSetup: ["scripts/vitest/global-setup.ts"],
  unstubEnvs: true,
  restoreMocks: true,
  // GitHub's packages import JSON and one another in ways that Node alone does not take.
  server: { deps: { inline: [/@actions\//] } },
} satisfies TestUserConfig;

export default defineConfig({
  plugins: [withoutSourceMaps],
  test: {
    ...COMMON,
    include: ["packages/**/*.test.ts", "scripts/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/*.slow.test.ts"],
    // Loading what they test takes longer than most tests do.
    isolate: false,
    maxWorkers: "100%",
  },
});
