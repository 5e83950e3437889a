import path from "node:path";
import { listFiles, listScripts, type Problem, readText } from "./source-tree.ts";

const FOLDER = "fixtures/scripts";
const REQUIRED = ["args", "expected.stdout", "expected.stderr", "expected.exit"];
const PLAYED = /^(args|expected\.(stdout|stderr|exit)|(input|expected\.files)\/.+)$/;

/** Each file below `fixtures/scripts` belongs to a complete situation of a script that exists: nothing there is unused. */
export function checkFixtures(root: string): Problem[] {
  const scripts = listScripts(root);
  const files = listFiles(root, FOLDER).map((file) => path.posix.relative(FOLDER, file));
  const situations = [
    ...new Set(files.filter((file) => file.split("/").length > 2).map((file) => file.split("/").slice(0, 2).join("/"))),
  ];
  return [
    ...files.flatMap((file) => objectToFile(file)),
    ...situations.flatMap((situation) => objectToSituation(root, situation, scripts)),
  ];
}

function objectToFile(file: string): Problem[] {
  const inside = file.split("/").slice(2).join("/");
  if (PLAYED.test(inside)) return [];
  const remedy = `delete it: a situation has ${REQUIRED.join(", ")}, and may have input/ and expected.files/`;
  return [{ file: `${FOLDER}/${file}`, line: 1, message: "is used by no test", remedy }];
}

function objectToSituation(root: string, situation: string, scripts: readonly string[]): Problem[] {
  const at = { file: `${FOLDER}/${situation}`, line: 1 };
  const [script = ""] = situation.split("/");
  if (!scripts.includes(script)) {
    return [
      {
        ...at,
        message: `belongs to the script "${script}", which does not exist`,
        remedy: "delete or rename the folder",
      },
    ];
  }
  const present = listFiles(root, at.file).map((file) => path.posix.relative(at.file, file));
  const missing = REQUIRED.filter((name) => !present.includes(name));
  if (missing.length > 0) {
    const remedy = "UPDATE_GOLDEN=1 npx vitest run scripts/checks/golden-transcripts.test.ts";
    return [{ ...at, message: `lacks ${missing.join(", ")}`, remedy }];
  }
  if (/^\d+\n?$/.test(readText(root, `${at.file}/expected.exit`))) return [];
  return [{ ...at, message: "expected.exit is not a number", remedy: "write the exit code, for example 0" }];
}
