export { type ReadArtifact, readArtifact, writeArtifact } from "./artifact-files.ts";
export { inputReference, referencePath, refuseSharedPaths } from "./artifact-paths.ts";
export { Credential, credentialIn, redacted, tokenDetail } from "./credential.ts";
export { withDeadline } from "./deadline.ts";
export { EXIT, exitCodeOf } from "./exit-codes.ts";
export { explainSystemError } from "./explain-system-error.ts";
export {
  inputError,
  isThere,
  LineLog,
  makeFolder,
  outputError,
  readInputText,
  replaceFolder,
  temporaryName,
  writeFileAtomic,
} from "./files.ts";
export { findWorkspaces } from "./find-workspaces.ts";
export {
  choiceFlag,
  datasetVersionFlag,
  integerFlag,
  listFlag,
  numberFlag,
  oneLineText,
  optionalInteger,
  optionalNumber,
  optionalPath,
  optionalText,
  pathFlag,
  requiredInteger,
  requiredPath,
  requiredText,
  runTimeoutFlag,
  switchFlag,
  textFlag,
  tokenEnvFlag,
} from "./flag-kinds.ts";
export type { FlagTable, FlagValues } from "./flags.ts";
export { type FolderLock, lockFolder } from "./folder-lock.ts";
export { sha256Of, sha256OfFile } from "./hash.ts";
export { endMeasurement, makeMeasurement } from "./make-measurement.ts";
export { findMeasuredRuns, type MeasuredRuns } from "./measured-runs.ts";
export { printOutputs } from "./outputs.ts";
export { type Progress, startProgress, startProgressByLabel } from "./progress.ts";
export { redactor } from "./redact.ts";
export { Again, backoffMs, repeat, retry, waitText } from "./repeat.ts";
export { runTool } from "./run-tool.ts";
export {
  answerFlags,
  describeError,
  launch,
  PROJECT_ROOT,
  runInProcess,
  runScript,
  type ScriptMain,
  type ScriptSpec,
} from "./script.ts";
export { scriptFile } from "./script-file.ts";
export { memoryIo, processIo, type ScriptIo, type TerminalSink } from "./script-io.ts";
export { readUntrustedFolder, type UntrustedFile } from "./untrusted-folder.ts";
