export type { StandInControl } from "./control.ts";
export type { ReviewState } from "./issue-state.ts";
export type {
  Fault,
  RecordedRequest,
  StandIn,
  StandInAccount,
  StandInOptions,
  StandInRepository,
} from "./stand-in.ts";
export { startStandIn } from "./stand-in.ts";
