export { type CliIo, main } from "./main.ts";
export type { Report } from "./report.ts";
