import type { Comparison } from "@forgebench/artifacts";
import type { Markup } from "./markup.ts";

/** Who accepts the regression, and why: said before the verdict, which it does not change. Empty when nobody does. */
export function acceptanceSentence({ acceptance }: Comparison, markup: Markup): string {
  if (acceptance === undefined) return "";
  const { by, reason } = acceptance;
  return `${markup.strong("Accepted")} by ${markup.prose(by)}: ${markup.prose(reason)}`;
}

/** The same as the first lines of a block of Markdown that is quoted. */
export function quotedAcceptance(comparison: Comparison, markup: Markup): string[] {
  const sentence = acceptanceSentence(comparison, markup);
  return sentence === "" ? [] : [`> ${sentence}`, ">"];
}
