export { type Compared, type CompareRequest, compareStep } from "./compare-step.ts";
export { type ReportFormat, type ReportRequest, reportStep } from "./report-step.ts";
export { measureStep } from "./run/measure-step.ts";
export type { RunRequest, RunResult } from "./run/run-request.ts";
export type { StepIo } from "./step-io.ts";
