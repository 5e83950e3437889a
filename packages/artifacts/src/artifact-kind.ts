import { ArtifactError, type ArtifactIssue, InvariantError } from "@forgebench/errors";
import * as z from "zod";
import { checkFields, describeValue } from "./field-issues.ts";

/** The facts about one kind of artifact file. */
export interface ArtifactKind<T> {
  /** The kind as people call it, for example `tier manifest`. */
  readonly kind: string;
  /** The page `docs/artifacts/<slug>.md` and the JSON Schema `docs/artifacts/schemas/<slug>.schema.json`. */
  readonly slug: string;
  /** The usual file name. */
  readonly fileName: string;
  readonly summary: string;
  /** `json`: one document; `ndjson`: the schema is that of a line. */
  readonly encoding: "json" | "ndjson" | "yaml";
  /**
   * The field that holds the version and the version that is written; a reader takes any minor of the same major, and of
   * the older majors that `reads` names.
   */
  readonly version?: { readonly field: string; readonly current: string; readonly reads?: readonly string[] };
  readonly schema: z.ZodType<T>;
}

/** Field values that several kinds share. */
export const fields = {
  sha256: z.string().regex(/^[0-9a-f]{64}$/, "not a SHA-256 in lower-case hexadecimal"),
  semver: z.string().regex(/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/, "not a version such as 1.2.3 or 1.2.3-rc.1"),
  timestamp: z.iso.datetime({ offset: true }),
  /** `cold`, `warm` or one of a suite's own. */
  phase: z.string().regex(/^[A-Za-z0-9][\w.-]*$/, "not a phase such as cold or warm"),
  count: z.int().min(0),
  sizeBytes: z.int().min(0),
  durationMs: z.number().min(0),
} as const;

/** A file that an artifact was made from: its name, relative, and the SHA-256 of its bytes. */
export const inputReference = z.looseObject({ path: z.string(), sha256: fields.sha256 });

/**
 * Reads an artifact's text. Unknown fields are kept.
 * @throws {ArtifactError} with file, kind, expected and found version, and the path of each field that is wrong.
 */
export function parseArtifact<T>(kind: ArtifactKind<T>, text: string, path: string): T {
  let document: unknown;
  try {
    // Some editors write a byte order mark, which JSON.parse refuses.
    document = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    const problem = text.trim() === "" ? "the file is empty" : `not JSON: ${jsonProblem(error, text)}`;
    throw new ArtifactError({ path, kind: kind.kind, issues: [{ path: "", message: problem }] });
  }
  return checkArtifact(kind, document, path);
}

/** The message of `JSON.parse`, with line and column, which only newer versions of Node add. */
function jsonProblem(error: unknown, text: string): string {
  const message = (error instanceof Error ? error.message : String(error)).replace(/ \(line \d+ column \d+\)$/, "");
  const position = / at position (\d+)$/.exec(message)?.[1];
  if (position === undefined) return message;
  const before = text.slice(0, Number(position)).split("\n");
  return `${message.replace(/ at position \d+$/, "")} at line ${before.length}, column ${(before.at(-1) ?? "").length + 1}`;
}

/** Checks a document against its kind's version and schema. @throws {ArtifactError} as {@link parseArtifact}. */
export function checkArtifact<T>(kind: ArtifactKind<T>, document: unknown, path: string): T {
  const versionIssue = findVersionIssue(kind, document);
  if (versionIssue !== undefined) throw new ArtifactError({ path, kind: kind.kind, issues: [versionIssue] });
  const result = checkFields(kind.schema, document);
  if (result.success) return result.data;
  throw new ArtifactError({ path, kind: kind.kind, issues: result.issues });
}

/** An artifact as text: checked, indented by two spaces, ending in a newline. */
export function serializeArtifact<T>(kind: ArtifactKind<T>, value: T, path: string): string {
  const result = checkFields(kind.schema, value);
  if (!result.success) {
    const [first] = result.issues;
    throw new InvariantError(
      `would write a wrong ${kind.kind} "${path}": ${first?.path ?? ""}: ${first?.message ?? ""}`,
    );
  }
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** The published JSON Schema of a kind. */
export function jsonSchemaOf(kind: ArtifactKind<unknown>): object {
  return {
    ...z.toJSONSchema(kind.schema, { io: "input", unrepresentable: "any" }),
    title: kind.kind,
    description: kind.summary,
  };
}

function findVersionIssue<T>(kind: ArtifactKind<T>, document: unknown): ArtifactIssue | undefined {
  if (typeof document !== "object" || document === null || Array.isArray(document)) {
    return { path: "", message: `expected an object, found ${describeValue(document)}` };
  }
  const record = document as Readonly<Record<string, unknown>>;
  const foundKind = record.kind;
  if (typeof foundKind === "string" && foundKind !== kind.slug) {
    return { path: "kind", message: `expected "${kind.slug}", found ${JSON.stringify(foundKind)}` };
  }
  if (kind.version === undefined) return undefined;
  const { field, current, reads = [] } = kind.version;
  const found = record[field];
  const majors = [current.split(".")[0], ...reads];
  if (typeof found === "string" && new RegExp(`^(${majors.join("|")})\\.\\d+$`).test(found)) return undefined;
  const expected = majors.map((major) => `${major}.x`).join(" or ");
  return { path: field, message: `expected version ${expected} (such as ${current}), found ${describeValue(found)}` };
}
