import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { arch, cpus, platform, totalmem } from "node:os";
import type { MachineFingerprint } from "@forgebench/artifacts";

/** The hardware class of this machine; its id is the SHA-256 over the other fields as JSON, in their order. */
export function probeMachine(env: Readonly<Record<string, string | undefined>>): MachineFingerprint {
  const described = {
    platform: platform(),
    arch: arch(),
    cpuModel: cpus()[0]?.model.trim() || "unknown",
    cpuCount: Math.max(1, cpus().length),
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    virtualization: readVirtualization(),
    cgroupCpuLimit: readLimit("/sys/fs/cgroup/cpu.max"),
    cgroupMemoryLimit: readLimit("/sys/fs/cgroup/memory.max"),
    // The image's version changes every week without making another class of machine.
    runnerImage: env.ImageOS || "none",
    nodeMajor: Number(process.versions.node.split(".")[0]),
  };
  return { id: createHash("sha256").update(JSON.stringify(described)).digest("hex"), ...described };
}

/** The maker of a virtual machine, `virtual` when it does not say, `none` on bare metal. */
function readVirtualization(): string {
  if (!/^flags\s*:.*\bhypervisor\b/m.test(readText("/proc/cpuinfo"))) return "none";
  return readText("/sys/class/dmi/id/sys_vendor") || "virtual";
}

function readLimit(file: string): string {
  const text = readText(file);
  return text === "" || text.startsWith("max") ? "none" : text;
}

function readText(file: string): string {
  try {
    return readFileSync(file, "latin1").trim();
  } catch {
    return "";
  }
}
