import { existsSync } from "node:fs";
import path from "node:path";
import { lineAt, listFiles, type Problem, readText } from "./source-tree.ts";

/** Each relative link of a Markdown page leads to a file or folder that exists, and to a heading that it has. */
export function checkLinks(root: string): Problem[] {
  return listFiles(root)
    .filter((file) => file.endsWith(".md"))
    .flatMap((file) => linksOf(readText(root, file)).flatMap((link) => objectToLink(root, file, link)));
}

interface Link {
  readonly target: string;
  readonly line: number;
}

function linksOf(markdown: string): Link[] {
  // Blocks of code keep their lines, so that the numbers stay right, and lose their content.
  const prose = markdown.replace(/^```[\s\S]*?^```/gm, (block) => block.replace(/[^\n]/g, ""));
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => ({
    target: match[1] ?? "",
    line: lineAt(prose, match.index),
  }));
}

function objectToLink(root: string, file: string, { target, line }: Link): Problem[] {
  if (/^[a-z]+:/.test(target)) return [];
  const [page = "", heading] = target.split("#");
  const linked = page === "" ? file : path.posix.join(path.posix.dirname(file), page);
  const at = { file, line, remedy: "correct or delete the link" };
  if (!existsSync(path.join(root, linked))) return [{ ...at, message: `links to "${target}", which does not exist` }];
  if (heading === undefined || headingsOf(readText(root, linked)).includes(heading)) return [];
  return [{ ...at, message: `links to "${target}", but ${linked} has no such heading` }];
}

/** The anchors of a page's headings, in GitHub's form. */
function headingsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ +(.+)$/gm)].map((match) =>
    (match[1] ?? "")
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
