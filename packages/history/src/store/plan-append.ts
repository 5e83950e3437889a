import { isDeepStrictEqual } from "node:util";
import { checkArtifact, nightAcceptance, nightRecord } from "@forgebench/artifacts";
import { OperationError } from "@forgebench/errors";
import { type History, type HistoryEntry, MAX_PART_BYTES, partPath, runOf, type StoredPart } from "./history-lines.ts";

/** A line that is to be recorded; its link to the line before is made when it is put there. */
export type HistoryDraft = HistoryEntry;

/** The contents to write; empty if the line is recorded already. */
export interface AppendPlan {
  readonly status: "appended" | "unchanged";
  /** Whole new contents, in the order in which they must be written. */
  readonly parts: readonly StoredPart[];
  /** All parts of the store afterwards. */
  readonly partPaths: readonly string[];
}

/**
 * Plans to put a line at the end of a history. A run that is recorded already with the same content is left alone.
 * @throws {OperationError} when it is recorded with other content, or the line is longer than a part may be (exit 65).
 */
export function planAppend(history: History, draft: HistoryDraft): AppendPlan {
  if (isRecorded(history, draft)) return { status: "unchanged", parts: [], partPaths: history.partPaths };
  const line = lineOf(draft, history.lastSha256);
  const number = Math.max(1, history.partPaths.length);
  const before = history.lastPart ?? "";
  const isFull = Buffer.byteLength(before) + Buffer.byteLength(line) > MAX_PART_BYTES;
  if (!isFull) return planned(history, [part(number, before + line)]);
  // A part that is full must end in whole lines.
  const repaired = history.tail === "none" ? [] : [part(number, before)];
  return planned(history, [...repaired, part(number + 1, line)]);
}

function planned({ partPaths }: History, parts: readonly StoredPart[]): AppendPlan {
  return { status: "appended", parts, partPaths: [...new Set([...partPaths, ...parts.map(({ path }) => path)])] };
}

function part(number: number, text: string): StoredPart {
  return { path: partPath(number), bytes: Buffer.from(text) };
}

function lineOf(draft: HistoryDraft, previousSha256: string | null): string {
  const { type, value } = draft;
  const document = { ...value, previousSha256 };
  const checked =
    type === "night"
      ? checkArtifact(nightRecord, document, "the record")
      : checkArtifact(nightAcceptance, document, "the acceptance");
  const line = `${JSON.stringify(checked)}\n`;
  const sizeBytes = Buffer.byteLength(line);
  if (sizeBytes <= MAX_PART_BYTES) return line;
  throw new OperationError(
    "data",
    `Cannot record ${nameOf(draft)}: its line has ${sizeBytes} bytes; a part holds at most ${MAX_PART_BYTES}`,
    {
      details: [{ label: "try", text: "measure fewer cells, or split the suite" }],
    },
  );
}

function nameOf({ type, value }: HistoryDraft): string {
  return type === "night" ? `the run ${runOf(value)}` : `the acceptance of ${value.runId ?? value.headSha}`;
}

function isRecorded(history: History, draft: HistoryDraft): boolean {
  if (draft.type === "acceptance") return history.entries.some((entry) => isSame(entry, draft));
  const recorded = history.entries.find((entry) => entry.type === "night" && runOf(entry.value) === runOf(draft.value));
  if (recorded === undefined) return false;
  if (isSame(recorded, draft)) return true;
  const [was, is] = [contentOf(recorded), contentOf(draft)];
  const field = Object.keys({ ...was, ...is }).find((key) => !isDeepStrictEqual(was[key], is[key])) ?? "";
  throw new OperationError(
    "data",
    `Cannot record ${nameOf(draft)}: it is in the history "${history.name}" with another "${field}"`,
    {
      details: [
        { label: "there", text: shown(was[field]) },
        { label: "now", text: shown(is[field]) },
        { label: "try", text: "give another --run-attempt; recorded lines never change" },
      ],
    },
  );
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length <= 200 ? text : `${text.slice(0, 199)}…`;
}

function isSame(entry: HistoryEntry, draft: HistoryDraft): boolean {
  return entry.type === draft.type && isDeepStrictEqual(contentOf(entry), contentOf(draft));
}

/** All fields but its time and its link to the line before, as a file holds them. */
function contentOf({ value }: HistoryEntry): Record<string, unknown> {
  const { recordedAt: _, previousSha256: _previous, ...content }: Record<string, unknown> = value;
  return JSON.parse(JSON.stringify(content));
}
