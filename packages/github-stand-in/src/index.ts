export type { Fault, StandIn, StandInAccount, StandInOptions, StandInRepository } from "./stand-in.ts";
export { startStandIn } from "./stand-in.ts";
