import type { Suite } from "@forgebench/artifacts";
import { UsageError } from "@forgebench/errors";
import { usesPlace, usesTier } from "./subject-command.ts";

/** The flags of a measurement that name its subjects and its images. */
interface SubjectFlags {
  readonly cliPath: string | undefined;
  readonly baseCliPath: string | undefined;
  readonly base: string | undefined;
  readonly tierManifest: string | undefined;
  readonly datasetFallback: string | undefined;
}

/**
 * Makes sure that the flags name everything that the suite needs, and nothing that it cannot use: that would be ignored
 * silently.
 * @throws {UsageError} naming the flag (exit 64).
 */
export function assertFlagsFit(suite: Suite, values: SubjectFlags): void {
  const hasCli = usesPlace(suite, "cli");
  const isTier = usesTier(suite);
  const missing = [
    ...(hasCli && values.cliPath === undefined ? ["--cli-path"] : []),
    ...(isTier && values.tierManifest === undefined ? ["--tier-manifest"] : []),
  ];
  if (missing.length > 0) throw new UsageError(`missing ${missing.join(", ")}`, [{ label: "see", text: "--help" }]);
  const noCli = {
    why: `the command of suite ${JSON.stringify(suite.name)} has no {cli}, so the file would not be used`,
    remedy: "leave it out; two commands are compared by {arm} in subject.argv and arms in the suite",
  };
  const noTier = {
    why: `suite ${JSON.stringify(suite.name)} names its own inputs, or has none`,
    remedy: "leave it out; scenarios that are measured on images of a tier say files: small, median, large or all",
  };
  const useless = [
    ...(["cliPath", "baseCliPath", "base"] as const).map((name) => ({ name, isUsed: hasCli, ...noCli })),
    ...(["tierManifest", "datasetFallback"] as const).map((name) => ({ name, isUsed: isTier, ...noTier })),
  ].find(({ name, isUsed }) => !isUsed && values[name] !== undefined);
  if (useless === undefined) return;
  const flag = useless.name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new UsageError(`--${flag}: ${useless.why}`, [{ label: "try", text: useless.remedy }]);
}

/**
 * Makes sure that a suite is for a CLI that works on images; `file` is its file as a shell takes it.
 * @throws {UsageError} with the command that measures it (exit 64).
 */
export function assertForImages(suite: Suite, file: string): void {
  const hasCli = usesPlace(suite, "cli");
  if (usesTier(suite) && hasCli) return;
  const lacks = usesTier(suite) ? "its command has no {cli}" : "no scenario has files, the images of a tier";
  const images = usesTier(suite) ? "--tier-manifest FILE " : "";
  const command = `npm run bench:run -- --suite ${file} ${hasCli ? "--cli-path FILE " : ""}${images}--workspace .tmp/bench/run`;
  throw new UsageError(`--suite: ${JSON.stringify(suite.name)} is not for a CLI that works on images: ${lacks}`, [
    { label: "try", text: command },
  ]);
}
