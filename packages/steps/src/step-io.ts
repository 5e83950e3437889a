/** What a step needs of whoever runs it. */
export interface StepIo {
  /** What paths in artifacts are relative to. */
  readonly cwd: string;
  readonly now: () => Date;
  /** Takes a line for a person, without its newline. */
  readonly note: (text: string) => void;
}
