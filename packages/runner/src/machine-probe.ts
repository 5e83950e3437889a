import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { arch, availableParallelism, cpus, platform, totalmem } from "node:os";
import path from "node:path";
import type { MachineFingerprint } from "@forgebench/artifacts";

/** The hardware class of this machine; its id is the SHA-256 over the other fields as JSON, in their order. */
export function probeMachine(env: Readonly<Record<string, string | undefined>>): MachineFingerprint {
  const described = {
    platform: platform(),
    arch: arch(),
    cpuModel: cpus()[0]?.model.trim() || "unknown",
    cpuCount: Math.min(cpus().length || 1, availableParallelism()),
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    virtualization: readVirtualization(),
    ...readCgroupLimits("/sys/fs/cgroup", readText("/proc/self/cgroup")),
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

/** The tightest limits of a process's own group and those above it, as the files of cgroup v2 say them, or `none`. */
export function readCgroupLimits(mount: string, ownGroups: string) {
  // A group outside the namespace is shown with `..`; what can be seen ends at the mount.
  const own = path.join("/", /^0::(.*)$/m.exec(ownGroups)?.[1] ?? "/");
  const names = own.split("/").filter((name) => name !== "");
  const folders = [mount, ...names.map((_, index) => path.join(mount, ...names.slice(0, index + 1)))];
  const tightest = (file: string) => {
    const limits = folders.map((folder) => readText(path.join(folder, file))).filter((text) => /^\d/.test(text));
    return limits.sort((a, b) => limitOf(a) - limitOf(b))[0] ?? "none";
  };
  return { cgroupCpuLimit: tightest("cpu.max"), cgroupMemoryLimit: tightest("memory.max") };
}

/** `QUOTA PERIOD` as CPUs, a single number as it is. */
function limitOf(text: string): number {
  const [amount = 0, period = 1] = text.split(" ").map(Number);
  return amount / period;
}

function readText(file: string): string {
  try {
    return readFileSync(file, "latin1").trim();
  } catch {
    return "";
  }
}
