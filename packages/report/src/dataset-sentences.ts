import { type MeasuredDataset, originText } from "@forgebench/artifacts";
import type { Markup } from "./markup.ts";

/** `dataset 1.0.0 (release OWNER/NAME, sha256 0123456789ab…), tier30`. */
export function datasetText(dataset: MeasuredDataset | undefined, markup: Markup): string {
  if (dataset === undefined) return "dataset unknown";
  const { datasetVersion, tierId, sha256, source } = dataset;
  if (source === "suite") {
    const what = tierId === "no-inputs" ? "no input files" : `its inputs of sha256 ${sha256.slice(0, 12)}…`;
    return markup.prose(`suite ${datasetVersion}, ${what}`);
  }
  return markup.prose(`dataset ${datasetVersion} (${originText(dataset)}, sha256 ${sha256.slice(0, 12)}…), ${tierId}`);
}

/** The notice for figures whose dataset was built because the release was missing; else nothing. */
export function fallbackSentence(dataset: MeasuredDataset | undefined, markup: Markup): string {
  if (dataset?.fallback === undefined) return "";
  const reason = markup.prose(dataset.fallback.reason);
  return `${markup.strong("Fallback dataset:")} built where it was measured, not a release (${reason}).`;
}
