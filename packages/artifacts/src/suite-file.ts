import { ArtifactError, messageOf } from "@forgebench/errors";
import { type Document, isScalar, isSeq, parseDocument, visit } from "yaml";
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
  keepNumbersAsWritten(document);
  return checkArtifact(suite, toPlain(document, path), path);
}

/** The lists that are words of a command. */
const WORD_LISTS = new Set(["argv", "arguments", "plantCommand", "prepare"]);

/** A number in a command is the text that stands there: `1.10` is a version, and `007` a name. */
function keepNumbersAsWritten(document: Document.Parsed): void {
  visit(document, {
    Pair(_, { key, value }) {
      if (!isScalar(key) || !WORD_LISTS.has(String(key.value)) || !isSeq(value)) return;
      for (const item of value.items) {
        if (isScalar(item) && typeof item.value === "number" && item.source !== undefined) item.value = item.source;
      }
    },
  });
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
