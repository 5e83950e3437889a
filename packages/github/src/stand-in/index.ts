export type {
  Fault,
  RecordedRequest,
  StandIn,
  StandInAccount,
  StandInArtifact,
  StandInOptions,
  StandInRepository,
  StandInWorkflowRun,
} from "./stand-in.ts";
export { startStandIn } from "./stand-in.ts";
