import { expect, it } from "vitest";
import { findColumns } from "./script-io.ts";

it.each([
  ["a terminal", { columns: 120 }, { COLUMNS: "40" }, 120],
  ["a pipe of a process that says its width", {}, { COLUMNS: "132" }, 132],
  ["a pipe of which nobody knows", {}, {}, 80],
  ["a job without a terminal", {}, { CI: "true" }, 80],
  ["a terminal that was not told its size", { columns: 0 }, {}, 80],
  ["a width that is no number", {}, { COLUMNS: "wide" }, 80],
  ["a width of nothing", {}, { COLUMNS: "0" }, 80],
])("knows how wide %s is", (_, stream, env, columns) => {
  expect(findColumns(stream, env)).toBe(columns);
});
