export { formatMeasurement } from "./measurement-table.ts";
