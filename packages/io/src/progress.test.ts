import { expect, it } from "vitest";
import { startProgress, startProgressByLabel } from "./progress.ts";
import { memoryIo } from "./script-io.ts";

it("prints plain lines with per cent and an estimate where there is no terminal", () => {
  const io = memoryIo();
  const progress = startProgress(io, "images", 4, 0);
  progress.update(1);
  progress.update(2, "a.jpg");
  progress.setTotal(5);
  progress.update(5);
  progress.stop();
  const lines = io.stderrText().split("\n");
  expect(lines[0]).toMatch(/^images {6}25 % {2}1\/4 {2}about \d+\.\d s left$/);
  expect(lines[1]).toMatch(/^images {6}50 % {2}2\/4 {2}about \d+\.\d s left {2}a\.jpg$/);
  expect(lines[2]).toMatch(/^images {5}100 % {2}5\/5 {2}\d+\.\d s$/);
  expect(lines[3]).toMatch(/^images {5}100 % {2}5\/5 {2}\d+\.\d s$/);
  expect(io.stdoutText()).toBe("");
});

it("never goes backwards, also when the total grows or less is said to be done", () => {
  const io = memoryIo();
  const progress = startProgress(io, "runs", 10, 0);
  progress.update(5);
  progress.setTotal(40);
  progress.update(6);
  progress.update(4);
  progress.update(30);
  const shown = io.stderrText().match(/\d+(?= %)/g);
  expect(shown).toEqual(["50", "50", "50", "75"]);
});

it("takes the caller's word for the time left, and leaves out the count where it is the percentage", () => {
  const io = memoryIo();
  const progress = startProgress(io, "measure", 100, 0);
  progress.update(30, "2/11 cells", 12_340);
  progress.update(40, "", 600_000);
  expect(io.stderrText().split("\n").slice(0, 2)).toEqual([
    "measure     30 %  about 12.3 s left  2/11 cells",
    "measure     40 %  about 10.0 min left",
  ]);
});

it.each([40, 80, 120])("fits %d columns, whatever the note", (columns) => {
  const io = memoryIo();
  const sink = { ...io, stderr: { ...io.stderr, columns } };
  const progress = startProgress(sink, "measure", 1000, 0);
  progress.update(500, `P1/${"single-with-a-long-name-".repeat(10)}/cold head`, 1000);
  const [line = ""] = io.stderrText().split("\n");
  expect(line.length).toBeLessThanOrEqual(columns);
  expect(line).toMatch(/^measure {5}50 % {2}/);
});

it("prints no more often than asked, but always the end", () => {
  const io = memoryIo();
  const progress = startProgress(io, "images", 1000, 3_600_000);
  for (let done = 1; done <= 1000; done += 1) progress.update(done);
  progress.stop();
  expect(io.stderrText()).toMatch(/^images {5}100 % {2}1000\/1000 {2}\d+\.\d s\n$/);
});

it("takes a total that is not known yet for nothing done", () => {
  const io = memoryIo();
  const progress = startProgress(io, "measure", 0, 0);
  progress.update(0);
  progress.setTotal(100);
  progress.update(3, "", 60_000);
  expect(io.stderrText().match(/\d+(?= %)/g)).toEqual(["0", "3"]);
});

it("prints one line for nothing at all, and disarms notes from outside", () => {
  const io = memoryIo();
  const progress = startProgress(io, "runs", 0, 0);
  progress.update(0, "\u001b[31m::error::x\ny");
  progress.stop();
  expect(io.stderrText()).not.toContain("\u001b");
  expect(io.stderrText().split("\n")).toHaveLength(3);
});

it("ends the display of one kind of work when the next one begins", () => {
  const io = memoryIo();
  const progress = startProgressByLabel(io);
  progress.stop();
  progress.update("copy", 1, 2);
  progress.update("copy", 2, 2, "tier30");
  expect(io.stderrText()).toBe("");
  progress.update("pack", 7, 9);
  expect(io.stderrText()).toMatch(/^copy {7}100 % {2}2\/2 {2}\d+\.\d s {2}tier30\n$/);
  progress.stop();
  progress.stop();
  expect(io.stderrText().split("\n")[1]).toMatch(/^pack {8}77 % {2}7\/9 /);
  expect(io.stderrText().split("\n")).toHaveLength(3);
});
