import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, expect, it } from "vitest";
import { readCgroupLimits } from "./machine-probe.ts";

const mount = mkdtempSync(path.join(os.tmpdir(), "cgroup-"));
afterAll(() => rmSync(mount, { recursive: true, force: true }));

function limit(group: string, cpu: string, memory: string): void {
  mkdirSync(path.join(mount, group), { recursive: true });
  writeFileSync(path.join(mount, group, "cpu.max"), `${cpu}\n`);
  writeFileSync(path.join(mount, group, "memory.max"), `${memory}\n`);
}
limit("a.slice", "200000 100000", "4000000000");
limit("a.slice/b", "max 100000", "max");
limit("a.slice/b/c", "500000 200000", "900000000");

const none = { cgroupCpuLimit: "none", cgroupMemoryLimit: "none" };
it.each([
  ["4:memory:/x\n0::/a.slice/b/c\n", { cgroupCpuLimit: "200000 100000", cgroupMemoryLimit: "900000000" }],
  ["0::/a.slice/b", { cgroupCpuLimit: "200000 100000", cgroupMemoryLimit: "4000000000" }],
  ["0::/", none],
  ["0::/../../x", none],
  ["", none],
])("of the groups %j the tightest limits count", (ownGroups, expected) => {
  expect(readCgroupLimits(mount, ownGroups)).toEqual(expected);
});
