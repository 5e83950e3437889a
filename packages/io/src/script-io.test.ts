import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { scriptFile } from "./script-file.ts";
import { findColumns } from "./script-io.ts";

const canMakeTerminals = spawnSync("script", ["--version"]).status === 0;

it.runIf(canMakeTerminals)(
  `wraps what goes to a terminal between words${canMakeTerminals ? "" : ": there is no program named script"}`,
  () => {
    const file = "/there/is/no/such/file.json";
    const said = (columns: number) => {
      const command = `stty cols ${columns}; exec "${process.execPath}" "${scriptFile("format-report")}" --compare ${file}`;
      const { stdout } = spawnSync("script", ["-qec", command, "/dev/null"], { encoding: "utf8" });
      return stdout.replaceAll("\r", "").trimEnd().split("\n");
    };
    const [narrow, wide] = [said(30), said(200)];
    expect(wide[0]).toBe(`error: Cannot read comparison "${file}": there is no such file`);
    expect(narrow.length).toBeGreaterThan(wide.length);
    expect(narrow.join(" ").replace(/\s+/g, " ")).toBe(wide.join(" ").replace(/\s+/g, " "));
    for (const line of narrow) if (line.length > 30) expect(line.trim()).not.toContain(" ");
  },
);

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
