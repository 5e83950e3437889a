import { pairName } from "@forgebench/series";
/** A value in the evidence that differs when it is computed again. */
export interface EvidenceDifference {
  /** The member of a bundle that says it, for example `summary.json`. */
  readonly member: string;
  /** What it is about, for example `line 41 (P1/batch-all/cold, block 3, head)`; empty for the whole member. */
  readonly about: string;
  readonly field: string;
  /** As they are shown; `nothing` where there is none. */
  readonly stored: string;
  readonly recomputed: string;
}

const MAX_SHOWN = 120;
/** Deeper than any artifact; what lies below comes from somebody who wants to fill the stack. */
const MAX_DEPTH = 30;

/** A value as a difference shows it; the caller makes it safe for the terminal. */
export function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = typeof value === "object" && value !== null ? describeObject(value) : JSON.stringify(value);
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN - 1)}…`;
}

function describeObject(value: object): string {
  return Array.isArray(value) ? `a list of ${value.length}` : `{ ${Object.keys(value).slice(0, 8).join(", ")} }`;
}

/** One difference of two plain values; none when they are equal. */
export function differenceOf(
  place: Pick<EvidenceDifference, "member" | "about" | "field">,
  stored: unknown,
  recomputed: unknown,
): EvidenceDifference[] {
  return stored === recomputed ? [] : [{ ...place, stored: shown(stored), recomputed: shown(recomputed) }];
}

/**
 * All fields in which two JSON documents differ, each by its path. Entries of lists that have an id, or a profile and a
 * scenario, are named by it; the order of keys, and keys without a value, do not matter.
 */
export function documentDifferences(member: string, stored: unknown, recomputed: unknown): EvidenceDifference[] {
  const found: EvidenceDifference[] = [];
  compare({ member, about: "", found }, "", stored, recomputed, 0);
  return found;
}

interface Place {
  readonly member: string;
  readonly about: string;
  readonly found: EvidenceDifference[];
}

function compare(place: Place, field: string, stored: unknown, recomputed: unknown, depth: number): void {
  if (Object.is(stored, recomputed)) return;
  if (!isRecord(stored) || !isRecord(recomputed) || Array.isArray(stored) !== Array.isArray(recomputed)) {
    report(place, field, stored, recomputed);
    return;
  }
  if (depth > MAX_DEPTH) {
    report(place, field, "nested too deeply", "nothing as deep");
    return;
  }
  for (const key of new Set([...Object.keys(stored), ...Object.keys(recomputed)])) {
    const [a, b] = [ownValue(stored, key), ownValue(recomputed, key)];
    const name = Array.isArray(stored) ? (nameOf(a) ?? nameOf(b)) : undefined;
    if (name === undefined) compare(place, joined(field, key, Array.isArray(stored)), a, b, depth + 1);
    else compare({ ...place, about: name }, "", a, b, depth + 1);
  }
}

function report({ found, member, about }: Place, field: string, stored: unknown, recomputed: unknown): void {
  found.push({ member, about, field, stored: shown(stored), recomputed: shown(recomputed) });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function ownValue(record: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function nameOf(entry: unknown): string | undefined {
  if (!isRecord(entry)) return undefined;
  const { id, profileId, scenario } = entry;
  if (typeof id === "string") return id;
  return typeof profileId === "string" && typeof scenario === "string" ? pairName({ profileId, scenario }) : undefined;
}

function joined(field: string, key: string, isIndex: boolean): string {
  if (isIndex) return `${field}[${key}]`;
  return field === "" ? key : `${field}.${key}`;
}
