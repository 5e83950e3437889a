export { type Contexts, evaluate, type Json } from "./evaluate.ts";
export { LOCAL_ACTIONS } from "./local-actions.ts";
export { mayRunOn } from "./may-run.ts";
export { inOrder, permissionsOf, type RunReport, rehearseWorkflow } from "./rehearse-workflow.ts";
export type { JobReport, Outcome } from "./run-job.ts";
export type { Performance } from "./scenery/perform.ts";
export { EVENTS, SCENARIOS, type Scenario } from "./scenery/scenarios.ts";
export type { RunEvent, Stage } from "./stage.ts";
export {
  entriesOf,
  lineOf,
  readWorkflow,
  type Template,
  textOf,
  type Workflow,
  type WorkflowJob,
  type WorkflowStep,
} from "./workflow.ts";
