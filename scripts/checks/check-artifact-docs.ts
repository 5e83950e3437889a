import { type ArtifactKind, artifactKinds, jsonSchemaOf } from "@forgebench/artifacts";
import { listFiles, type Problem, readText } from "./source-tree.ts";

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
  const problems: Problem[] = [];
  if (readText(root, schema) !== schemaText(kind)) {
    problems.push({
      file: schema,
      line: 1,
      message: `is not the JSON Schema of the ${kind.kind}`,
      remedy: "npm run check:house -- --write",
    });
  }
  const text = readText(root, page);
  if (text === "") {
    problems.push({
      file: page,
      line: 1,
      message: `there is no page for the ${kind.kind}`,
      remedy: "write it like the other pages",
    });
    return problems;
  }
  const spans = codeSpans(text);
  const missing = topLevelFields(kind).filter(
    (field) => !spans.some((span) => new RegExp(`\\b${field}\\b`).test(span)),
  );
  return [
    ...problems,
    ...missing.map((field) => ({
      file: page,
      line: 1,
      message: `does not explain \`${field}\``,
      remedy: "add it to the table of fields",
    })),
  ];
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
    .map((file) => ({
      file,
      line: 1,
      message: "belongs to no artifact kind",
      remedy: "delete it, or add the kind to artifactKinds",
    }));
}
