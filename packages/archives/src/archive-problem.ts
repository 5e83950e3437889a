/**
 * Something is wrong with an archive's bytes. The message says what, for a sentence that names the archive; the caller that
 * knows its file turns this into an error of `@forgebench/errors`.
 */
export class ArchiveProblem extends Error {
  override readonly name = "ArchiveProblem";
}
