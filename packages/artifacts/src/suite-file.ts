import { ArtifactError, messageOf } from "@forgebench/errors";
import { type Document, parseDocument } from "yaml";
import { checkArtifact } from "./artifact-kind.ts";
import { type Suite, suite } from "./suite.ts";

/** Reads a suite file's YAML. @throws {ArtifactError} with the line of a syntax error or the path of a wrong field. */
export function parseSuite(text: string, path: string): Suite {
  const document = parseDocument(text, { prettyErrors: true });
  const [error] = document.errors;
  if (error !== undefined) {
    const line = error.linePos?.[0].line;
    throw notYaml(path, line === undefined ? "" : `line ${line}`, error.message.split("\n")[0] ?? error.message);
  }
  return checkArtifact(suite, toPlain(document, path), path);
}

function toPlain(document: Document.Parsed, path: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    // Aliases of aliases of aliases: a small file that would fill the memory.
    throw notYaml(path, "", messageOf(error));
  }
}

function notYaml(path: string, where: string, message: string): ArtifactError {
  return new ArtifactError({ path, kind: suite.kind, issues: [{ path: where, message: `not YAML: ${message}` }] });
}
