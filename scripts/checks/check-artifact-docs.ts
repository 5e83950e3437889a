import { type ArtifactKind, artifactKinds, jsonSchemaOf } from "@forgebench/artifacts";
import { listFiles, objectTo, type Problem, readText } from "./source-tree.ts";

/** The files of `docs/artifacts` that belong to a kind. */
export function docsOf(kind: ArtifactKind<unknown>): { readonly page: string; readonly schema: string } {
  return { page: `docs/artifacts/${kind.slug}.md`, schema: `docs/artifacts/schemas/${kind.slug}.schema.json` };
}

/** The text of a kind's published JSON Schema. */
export function schemaText(kind: ArtifactKind<unknown>): string {
  return `${JSON.stringify(jsonSchemaOf(kind), null, 2)}\n`;
}

/**
 * Each artifact kind has a page that names every top-level field, and a JSON Schema that is the one made from the code;
 * there are no pages or schemas of kinds that do not exist.
 */
export function checkArtifactDocs(root: string, kinds: readonly ArtifactKind<unknown>[] = artifactKinds): Problem[] {
  return [...kinds.flatMap((kind) => objectToKind(root, kind)), ...objectToStrays(root, kinds)];
}

function objectToKind(root: string, kind: ArtifactKind<unknown>): Problem[] {
  const { page, schema } = docsOf(kind);
  const isCurrent = readText(root, schema) === schemaText(kind);
  const problems = isCurrent
    ? []
    : [objectTo(schema, `is not the JSON Schema of the ${kind.kind}`, "npm run check:house -- --write")];
  const text = readText(root, page);
  if (text === "") {
    return [...problems, objectTo(page, `there is no page for the ${kind.kind}`, "write it like the other pages")];
  }
  const spans = codeSpans(text);
  const missing = topLevelFields(kind).filter(
    (field) => !spans.some((span) => new RegExp(`\\b${field}\\b`).test(span)),
  );
  const objections = missing.map((field) =>
    objectTo(page, `does not explain \`${field}\``, "add it to the table of fields"),
  );
  return [...problems, ...objections];
}

/** What a page writes between single backticks; fenced blocks hold examples and explain nothing. */
function codeSpans(text: string): string[] {
  const prose = text.replace(/^```[\s\S]*?^```/gm, "");
  return [...prose.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? "");
}

function topLevelFields(kind: ArtifactKind<unknown>): string[] {
  const schema: { readonly properties?: object } = jsonSchemaOf(kind);
  return Object.keys(schema.properties ?? {});
}

/** Pages that are not about one kind with a schema. */
const OTHER_PAGES = ["docs/artifacts/README.md", "docs/artifacts/checksums.md", "docs/artifacts/archive.md"];

function objectToStrays(root: string, kinds: readonly ArtifactKind<unknown>[]): Problem[] {
  const expected = new Set([...OTHER_PAGES, ...kinds.flatMap((kind) => Object.values(docsOf(kind)))]);
  return listFiles(root, "docs/artifacts")
    .filter((file) => !expected.has(file))
    .map((file) => objectTo(file, "belongs to no artifact kind", "delete it, or add the kind to artifactKinds"));
}
