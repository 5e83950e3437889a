import { OperationError } from "@forgebench/errors";

/** What is put into the subject: real work, never a figure that is written down larger. */
export type Planting =
  | { readonly kind: "nothing" }
  /** Of the time of the whole run; in runs that take everything from the cache. */
  | { readonly kind: "warm-work"; readonly pct: number }
  /** Of the time that the subject reports, and within it. */
  | { readonly kind: "reported-work"; readonly pct: number }
  | { readonly kind: "memory"; readonly sizeBytes: number }
  /** Of every image that is written. */
  | { readonly kind: "output"; readonly pct: number };

/** Where the bundle is changed. Each must be there once: a bundle that reads otherwise is refused. */
const PLACES = {
  reported: "return options.json?",
  duration: "durationMs:Number(process.hrtime.bigint()-startedAt)/1e6",
  written: "sizeBytes:size})",
  start: "process.exitCode=await main(",
} as const;

/**
 * Native work in pieces of some microseconds: a loop that turns often would be compiled on the way, which takes memory and
 * makes it stand still meanwhile. The pieces are small, so that they cost next to no memory either.
 */
const WORK =
  'function drillWork(untilNs,sizeBytes){const piece=Buffer.alloc(sizeBytes),{hash}=process.getBuiltinModule("node:crypto");while(process.hrtime.bigint()<untilNs)hash("sha256",piece)}';

/**
 * The text of the subject with the planting in it.
 * @param wholePerKnown how many times as long a run takes as its process can know.
 * @throws {OperationError} when the bundle has no such place.
 */
export function plantInto(text: string, planting: Planting, wholePerKnown: number): string {
  switch (planting.kind) {
    case "nothing":
      return text;
    case "warm-work":
      return edited(text, {
        reported: `if(report.summary.cached===report.summary.total)process.on("exit",drillSlower);${PLACES.reported}`,
        start: `${WORK}function drillSlower(){const now=process.hrtime.bigint(),ms=process.uptime()*1e3*${wholePerKnown}*${planting.pct / 100};drillWork(now+BigInt(Math.round(ms*1e6)),32768);process.getBuiltinModule("node:fs").writeSync(2,"planted "+Number(process.hrtime.bigint()-now)/1e6+"\\n")}${PLACES.start}`,
      });
    case "reported-work":
      return edited(text, {
        duration: "durationMs:drillDuration(startedAt)",
        start: `${WORK}function drillDuration(startedAt){const now=process.hrtime.bigint();drillWork(now+(now-startedAt)*${planting.pct}n/100n,4096);return Number(process.hrtime.bigint()-startedAt)/1e6}${PLACES.start}`,
      });
    case "memory":
      // Filled, so that its pages are really there; held to the end by the global object.
      return edited(text, { start: `globalThis.drillKept=Buffer.alloc(${planting.sizeBytes},1);${PLACES.start}` });
    case "output":
      return edited(text, {
        written: "sizeBytes:drillLarger(file,size)})",
        start: `function drillLarger(file,size){const more=Buffer.alloc(Math.ceil(size*${planting.pct / 100}));process.getBuiltinModule("node:fs").appendFileSync(file,more);return size+more.length}${PLACES.start}`,
      });
  }
}

function edited(text: string, edits: Readonly<Partial<Record<keyof typeof PLACES, string>>>): string {
  let changed = text;
  for (const [name, place] of Object.entries(PLACES)) {
    const replacement = edits[name as keyof typeof PLACES];
    if (replacement === undefined) continue;
    const count = changed.split(place).length - 1;
    if (count !== 1) {
      throw new OperationError(
        "data",
        `Cannot plant anything: the subject has "${place}" ${count} times, expected once`,
        {
          details: [{ label: "try", text: "npm run build; if that does not help, PLACES in plant-into.ts is old" }],
        },
      );
    }
    changed = changed.replace(place, () => replacement);
  }
  return changed;
}

/** The unchanged subject, saying on stderr how long it has known that it runs. */
export function probeOf(text: string): string {
  const probe = 'process.on("exit",()=>process.getBuiltinModule("node:fs").writeSync(2,process.uptime()+"\\n"));';
  return edited(text, { start: `${probe}${PLACES.start}` });
}
