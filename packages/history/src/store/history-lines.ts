import { isUtf8 } from "node:buffer";
import {
  checkArtifact,
  type NightAcceptance,
  type NightRecord,
  nightAcceptance,
  nightRecord,
} from "@forgebench/artifacts";
import { ArtifactError, type ArtifactIssue, messageOf } from "@forgebench/errors";
import { sha256Of } from "@forgebench/io";

/** No part grows beyond it, so that any service shows and compares a part. */
export const MAX_PART_BYTES = 1_000_000;

/** A file of the store, by its path in it. */
export interface StoredPart {
  /** `nights/000001.jsonl` */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** A line of the store that has passed its schema: what a run found, or a person's word about earlier ones. */
export type HistoryEntry =
  | { readonly type: "night"; readonly value: NightRecord }
  | { readonly type: "acceptance"; readonly value: NightAcceptance };

/** The contents of a store. */
export interface History {
  /** The name of the store for people. */
  readonly name: string;
  /** Oldest first. */
  readonly entries: readonly HistoryEntry[];
  readonly partPaths: readonly string[];
  /** The whole lines of the last part, each with its newline; undefined when there is no part. */
  readonly lastPart: string | undefined;
  /** Of the last whole line; null when there is none. */
  readonly lastSha256: string | null;
  /** Bytes that a killed writer left after the last whole line, or the newline that it did not write. */
  readonly tail: "none" | "cut" | "newline missing";
}

/** The path of a part, which are counted from 1. */
export function partPath(number: number): string {
  return `nights/${String(number).padStart(6, "0")}.jsonl`;
}

/** Whether a path in a store is that of a part. */
export function isPartPath(path: string): boolean {
  return /^nights\/\d{6}\.jsonl$/.test(path);
}

/** Reads the parts of a store. @throws {ArtifactError} with everything that is wrong, each with its part and line. */
export function readHistory(parts: readonly StoredPart[], name: string): History {
  const reader = new HistoryReader();
  const sorted = parts.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  let last: PartText = { whole: "", tail: "none" };
  for (const [index, part] of sorted.entries()) {
    reader.checkPart(part, index);
    last = reader.readPart(part, index === sorted.length - 1);
  }
  if (reader.issues.length > 0) {
    const details = [{ label: "try", text: "restore the store from a copy or from git; nothing was changed" }];
    throw new ArtifactError({ path: name, kind: "history", issues: reader.issues, details });
  }
  return {
    name,
    entries: reader.entries,
    partPaths: sorted.map(({ path }) => path),
    lastPart: sorted.length === 0 ? undefined : last.whole,
    lastSha256: reader.lastSha256,
    tail: last.tail,
  };
}

interface PartText {
  readonly whole: string;
  readonly tail: History["tail"];
}

class HistoryReader {
  readonly entries: HistoryEntry[] = [];
  readonly issues: ArtifactIssue[] = [];
  readonly #runs = new Set<string>();
  lastSha256: string | null = null;

  checkPart({ path, bytes }: StoredPart, index: number): void {
    if (path !== partPath(index + 1)) this.#add(partPath(index + 1), `it is missing, but there is ${path}`);
    if (bytes.length > MAX_PART_BYTES)
      this.#add(path, `it has ${bytes.length} bytes; at most ${MAX_PART_BYTES} are allowed`);
  }

  readPart({ path, bytes }: StoredPart, isLast: boolean): PartText {
    const end = bytes.lastIndexOf(0x0a) + 1;
    const whole = this.#decode(bytes.subarray(0, end), path);
    const rest = new TextDecoder().decode(bytes.subarray(end));
    const lines = whole === "" ? [] : whole.slice(0, -1).split("\n");
    for (const [index, line] of lines.entries()) this.#readLine(line, `${path}, line ${index + 1}`);
    const where = `${path}, line ${lines.length + 1}`;
    if (rest === "") {
      if (lines.length === 0 && !isLast) this.#add(path, "it is empty");
      return { whole, tail: "none" };
    }
    if (!isLast) this.#add(where, "it is cut, and another part follows");
    if (!isLast || !this.#isWholeLine(rest)) return { whole, tail: "cut" };
    this.#readLine(rest, where);
    return { whole: `${whole}${rest}\n`, tail: "newline missing" };
  }

  #decode(bytes: Uint8Array, path: string): string {
    if (isUtf8(bytes)) return Buffer.from(bytes).toString();
    this.#add(path, "not UTF-8 text");
    return "";
  }

  #readLine(line: string, where: string): void {
    try {
      const entry = parseLine(line);
      this.#checkLink(entry, where);
      this.#checkRun(entry, where);
      this.entries.push(entry);
    } catch (error) {
      if (!(error instanceof ArtifactError)) throw error;
      for (const { path, message } of error.issues) this.#add(path === "" ? where : `${where}, ${path}`, message);
    }
    this.lastSha256 = sha256Of(line);
  }

  #isWholeLine(line: string): boolean {
    try {
      return parseLine(line).value.previousSha256 === this.lastSha256;
    } catch {
      return false;
    }
  }

  #checkLink({ value: { previousSha256 } }: HistoryEntry, where: string): void {
    if (previousSha256 === this.lastSha256) return;
    const expected = this.lastSha256 ?? "null, since it is the first line";
    const message = `found ${previousSha256 ?? "null"}, expected ${expected}: an earlier line was changed, lost or added`;
    this.#add(`${where}, previousSha256`, message);
  }

  #checkRun({ type, value }: HistoryEntry, where: string): void {
    if (type !== "night") return;
    const run = runOf(value);
    if (this.#runs.has(run)) this.#add(where, `the run ${run} is recorded twice`);
    this.#runs.add(run);
  }

  #add(path: string, message: string): void {
    this.issues.push({ path, message });
  }
}

/** The key that is recorded once: a run's attempt. */
export function runOf({ runId, runAttempt }: Pick<NightRecord, "runId" | "runAttempt">): string {
  return `${runId}.${runAttempt}`;
}

function parseLine(line: string): HistoryEntry {
  let document: unknown;
  try {
    document = JSON.parse(line);
  } catch (error) {
    throw wrongLine(`not JSON: ${messageOf(error)}`);
  }
  const kind = typeof document === "object" && document !== null && "kind" in document ? document.kind : undefined;
  if (kind === nightRecord.slug) return { type: "night", value: checkArtifact(nightRecord, document, "") };
  if (kind === nightAcceptance.slug) return { type: "acceptance", value: checkArtifact(nightAcceptance, document, "") };
  throw wrongLine(`expected the kind ${nightRecord.slug} or ${nightAcceptance.slug}, found ${JSON.stringify(kind)}`);
}

function wrongLine(message: string): ArtifactError {
  return new ArtifactError({ path: "", kind: "history", issues: [{ path: "", message }] });
}
