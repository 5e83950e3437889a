/** An issue, or a pull request, which is an issue too. */
export interface Issue {
  readonly number: number;
}
