import { expect, it } from "vitest";
import { startProgress, startProgressByLabel } from "./progress.ts";
import { memoryIo } from "./script-io.ts";

it("prints plain lines with an estimate where there is no terminal", () => {
  const io = memoryIo();
  const progress = startProgress(io, "images", 4, 0);
  progress.update(1);
  progress.update(2, "a.jpg");
  progress.setTotal(5);
  progress.update(5);
  progress.stop();
  const lines = io.stderrText().split("\n");
  expect(lines[0]).toMatch(/^images {5}1\/4, about \d+\.\d s left$/);
  expect(lines[1]).toMatch(/^images {5}2\/4, about \d+\.\d s left {2}a\.jpg$/);
  expect(lines[2]).toMatch(/^images {5}5\/5, \d+\.\d s$/);
  expect(lines[3]).toBe(lines[2]?.replace(/\d+\.\d s$/, /[\d.]+ s$/.exec(lines[3] ?? "")?.[0] ?? ""));
  expect(io.stdoutText()).toBe("");
});

it("prints no more often than asked, but always the end", () => {
  const io = memoryIo();
  const progress = startProgress(io, "images", 1000, 3_600_000);
  for (let done = 1; done <= 1000; done += 1) progress.update(done);
  progress.stop();
  expect(io.stderrText()).toMatch(/^images {5}1000\/1000, \d+\.\d s\n$/);
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
  expect(io.stderrText()).toMatch(/^copy {7}2\/2, \d+\.\d s {2}tier30\n$/);
  progress.stop();
  progress.stop();
  expect(io.stderrText().split("\n")[1]).toMatch(/^pack {7}7\/9, /);
  expect(io.stderrText().split("\n")).toHaveLength(3);
});
