import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { scriptFile } from "./script-file.ts";
import { findColors, findColumns } from "./script-io.ts";

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

it.each([
  ["a terminal", { isTTY: true }, {}, true],
  ["a terminal of a known kind", { isTTY: true }, { TERM: "xterm-256color" }, true],
  ["a dumb terminal", { isTTY: true }, { TERM: "dumb" }, false],
  ["a pipe", {}, { TERM: "xterm-256color" }, false],
  ["a job of a CI system", { isTTY: true }, { CI: "true" }, false],
  ["a terminal whose user wants none", { isTTY: true }, { NO_COLOR: "1" }, false],
  ["a terminal with an empty NO_COLOR", { isTTY: true }, { NO_COLOR: "" }, true],
  ["a pipe that is forced", {}, { FORCE_COLOR: "1" }, true],
  ["a pipe that is forced by another word", {}, { FORCE_COLOR: "true" }, true],
  ["a pipe with an empty FORCE_COLOR", {}, { FORCE_COLOR: "" }, false],
  ["a terminal that is forced to none", { isTTY: true }, { FORCE_COLOR: "0" }, false],
  ["a forced job of a CI system", {}, { FORCE_COLOR: "1", CI: "true", TERM: "dumb" }, true],
  ["a stream that is forced and refused", {}, { FORCE_COLOR: "1", NO_COLOR: "1" }, true],
])("knows whether %s is coloured", (_, stream, env, hasColors) => {
  expect(findColors(stream, env)).toBe(hasColors);
});
