import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { ArtifactError } from "@forgebench/errors";
import { parse } from "yaml";
import type { ArtifactKind } from "./artifact-kind.ts";

const PROJECT_ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");

/** The text of a file below the project's root. */
export function readProjectFile(file: string): string {
  return readFileSync(path.join(PROJECT_ROOT, file), "utf8");
}

/** The example on a kind's page, as text: what people copy is what the tests use. */
export function exampleText(kind: ArtifactKind<unknown>): string {
  const fence = { json: "json", ndjson: "jsonl", yaml: "yaml" }[kind.encoding];
  const page = readProjectFile(`docs/artifacts/${kind.slug}.md`);
  const text = new RegExp(`^\`\`\`${fence}\\n([\\s\\S]*?)^\`\`\``, "m").exec(page)?.[1];
  if (text === undefined) throw new Error(`docs/artifacts/${kind.slug}.md has no example`);
  return text;
}

/** The example on a kind's page, as a document; of a kind with lines the first one. */
export function exampleDocument(kind: ArtifactKind<unknown>): Record<string, unknown> {
  const text = exampleText(kind);
  if (kind.encoding === "yaml") return parse(text);
  return JSON.parse(kind.encoding === "ndjson" ? (text.split("\n")[0] ?? "") : text);
}

/** The {@link ArtifactError} that `action` throws. */
export function artifactErrorOf(action: () => unknown): ArtifactError {
  try {
    action();
  } catch (error) {
    if (error instanceof ArtifactError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
