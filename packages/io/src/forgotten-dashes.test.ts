import { expect, it } from "vitest";
import { integerFlag, optionalPath, switchFlag } from "./flag-kinds.ts";
import { refuseForgottenDashes } from "./forgotten-dashes.ts";

const table = {
  count: integerFlag({ min: 1, max: 9, unit: "images", fallback: 1, description: "" }),
  "time-budget-minutes": integerFlag({ min: 1, max: 9, unit: "minutes", fallback: 1, description: "" }),
  resume: switchFlag({ description: "" }),
  workspace: optionalPath({ description: "" }),
};

const refuse =
  (env: Readonly<Record<string, string>>, argv: readonly string[] = [], command = "npm run bench --") =>
  () =>
    refuseForgottenDashes(table, command, { argv, env: { npm_lifecycle_event: "bench", ...env } });
const written = (run: () => void) => {
  try {
    run();
  } catch (error) {
    return (error as { details: { text: string }[] }).details[0]?.text;
  }
  return undefined;
};

it.each<[Record<string, string>, string[], string]>([
  [{ npm_config_count: "true" }, ["5"], "npm run bench -- --count 5"],
  [{ npm_config_count: "5" }, [], "npm run bench -- --count 5"],
  [{ npm_config_time_budget_minutes: "3" }, [], "npm run bench -- --time-budget-minutes 3"],
  [{ npm_config_resume: "true" }, [], "npm run bench -- --resume"],
  [
    { npm_config_count: "true", npm_config_time_budget_minutes: "true" },
    ["5", "3"],
    "npm run bench -- --count N --time-budget-minutes N",
  ],
])("recognises %j with %j", (env, argv, command) => {
  expect(refuse(env, argv)).toThrow(/^npm used --[\w-]+.* itself: a "--" is missing/);
  expect(written(refuse(env, argv))).toBe(command);
});

it("does not mind flags that came through, npm's own settings, or another entry", () => {
  expect(refuse({}, ["--count", "5"])).not.toThrow();
  expect(refuse({ npm_config_workspace: "x", npm_config_cache: "/c" })).not.toThrow();
  expect(refuse({ npm_config_count: "5" }, [], "pnpm run bench:run --")).not.toThrow();
  expect(refuse({ npm_config_count: "5", npm_lifecycle_event: "test" })).not.toThrow();
});
