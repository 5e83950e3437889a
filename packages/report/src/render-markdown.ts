import { fitLines, joinBlocks, joinTexts } from "./blocks.ts";
import { formatCount } from "./format-figures.ts";
import {
  type AnswerSection,
  type ColumnHead,
  hiddenRowsText,
  type ListSection,
  type ReportDocument,
  type Section,
  type TableSection,
} from "./report-document.ts";

/** A document that was built with Markdown's markup, as Markdown. */
export function renderMarkdown({ sections }: ReportDocument): string {
  return joinBlocks(sections.filter(({ only }) => only !== "terminal").flatMap(blocksOf));
}

function blocksOf(section: Section): string[][] {
  switch (section.kind) {
    case "answer":
      return answerBlocks(section);
    case "text":
      return section.text === "" ? [] : [...headingBlocks(section.title), [section.text]];
    case "list":
      return listBlocks(section);
    case "table":
      return tableBlocks(section);
  }
}

/** The acceptance of a regression comes before the verdict. */
function answerBlocks({ acceptance, verdict, design }: AnswerSection): string[][] {
  return [[`> ${joinTexts([acceptance, verdict, design], "\n>\n> ")}`]];
}

function headingBlocks(title: string | undefined): string[][] {
  return title === undefined ? [] : [[`**${title}**`]];
}

function listBlocks({ title, items, remedy, maxChars }: ListSection): string[][] {
  if (items.length === 0) return [];
  const texts = items.map((item) => `- ${item.text}${item.remedy === undefined ? "" : `. Remedy: ${item.remedy}.`}`);
  const { lines, hiddenCount } = fitLines(texts, maxChars);
  return [
    ...headingBlocks(title),
    [...lines, ...(hiddenCount === 0 ? [] : [`- … ${hiddenCount} more in the JSON file`])],
    remedy === undefined ? [] : [`Remedy: ${remedy}.`],
  ];
}

function tableBlocks(table: TableSection): string[][] {
  const { columns, rows, noun, maxChars, isFolded = false, notes = [] } = table;
  if (rows.length === 0) return [];
  const { lines, hiddenCount } = fitLines(rows.map(tableLine), maxChars);
  const blocks = [
    [...tableHead(columns), ...lines],
    hiddenCount === 0 ? [] : [`${hiddenRowsText(table, hiddenCount)}.`],
    [...columns.flatMap(({ note }) => note ?? []), ...notes],
  ];
  if (!isFolded) return blocks;
  const all = formatCount(rows.length, noun);
  const title = hiddenCount === 0 ? `All ${all}` : `${lines.length} of ${all}`;
  return [[`<details><summary>${title}</summary>`], ...blocks, ["</details>"]];
}

/** The first two lines of a table. */
export function tableHead(columns: readonly ColumnHead[]): string[] {
  return [
    tableLine(columns.map(({ header }) => header)),
    tableLine(columns.map(({ isLeft = false }) => (isLeft ? "---" : "---:"))),
  ];
}

/** One line of a table. */
export function tableLine(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}
