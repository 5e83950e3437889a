/** The whole main job, from the dataset to the pull request of the website. All files and folders by absolute path. */
export interface QuickstartRequest {
  readonly suite: string;
  /** The head; undefined: the reference subject, which is built first. */
  readonly cliPath?: string | undefined;
  /** The base; undefined: the head itself, so that nothing should be found. */
  readonly baseCliPath?: string | undefined;
  /** The built reference subject goes here. */
  readonly subjectPath: string;
  /** A folder of a person's own pictures, which are mixed into the dataset. */
  readonly sourcesDir?: string | undefined;
  /** Synthetic images to make. */
  readonly count: number;
  /** Images of the tier. */
  readonly tier: number;
  readonly seed: number;
  readonly profiles: readonly string[];
  readonly scenarios: readonly string[];
  readonly cell: readonly string[];
  readonly maxBlocks: number;
  /** The minutes for measuring; undefined: so many that all ends within three minutes. */
  readonly timeBudgetMinutes?: number | undefined;
  /** The fixed protocol with so many runs instead of evidence. */
  readonly runCount?: number | undefined;
  readonly mode: "advisory" | "strict";
  readonly resume: boolean;
  /** Holds one numbered folder a step. */
  readonly workspace: string;
  /** How wide the terminal report may be, and whether it has colours. */
  readonly layout: { readonly columns: number; readonly colors: boolean };
}

/** The remedy for the undecided cells. */
export type Remedy =
  | { readonly kind: "more time"; readonly minutes: number }
  | { readonly kind: "more blocks"; readonly maxBlocks: number };

/** The files that were made, and their results. */
export interface QuickstartResult {
  /** The comparison as a terminal report, which begins and ends with the verdict. */
  readonly report: string;
  readonly reportFile: string;
  /** Undefined when a figure that it needs was not measured. */
  readonly snapshotFile: string | undefined;
  /** The pull request of the website of this machine, as a page. */
  readonly pullRequestHtml: string | undefined;
  readonly previewHtml: string | undefined;
  readonly rawRuns: string;
  readonly imagesDir: string;
  readonly remedy: Remedy | undefined;
  /** The exit code of the gate for the comparison. */
  readonly answer: "ok" | "gate" | "unjudged";
}
