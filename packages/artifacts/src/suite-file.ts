import { ArtifactError } from "@forgebench/errors";
import { parseDocument } from "yaml";
import { checkArtifact } from "./artifact-kind.ts";
import { type Suite, suite } from "./suite.ts";

/** Reads a suite file's YAML. @throws {ArtifactError} with the line of a syntax error or the path of a wrong field. */
export function parseSuite(text: string, path: string): Suite {
  const document = parseDocument(text, { prettyErrors: true });
  const [error] = document.errors;
  if (error !== undefined) {
    const line = error.linePos?.[0].line;
    const message = error.message.split("\n")[0] ?? error.message;
    throw new ArtifactError({
      path,
      kind: suite.kind,
      issues: [{ path: line === undefined ? "" : `line ${line}`, message: `not YAML: ${message}` }],
    });
  }
  return checkArtifact(suite, document.toJS({ maxAliasCount: 100 }), path);
}
