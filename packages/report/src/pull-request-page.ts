import type { RendererObject } from "marked";
import { code, Html, html, joinHtml, link } from "./site-preview/html.ts";
import { PAGE_STYLE } from "./site-preview/page-style.ts";

/** A pull request that can be read without its service. */
export interface PullRequestPage {
  readonly title: string;
  /** Markdown, as GitHub would show it. */
  readonly body: string;
  readonly number: number;
  readonly repository: string;
  readonly head: string;
  readonly base: string;
  readonly files: readonly string[];
}

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

const OWN_STYLE = `
.facts { color: var(--soft); }
.body { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 20px 24px; }
.body table { border-collapse: collapse; display: block; overflow-x: auto; }
.body th, .body td { border: 1px solid var(--line); padding: 5px 12px; text-align: left; }
.body :is(th, td)[align="right"] { text-align: right; }
.body table { margin-bottom: 12px; }
@media (max-width: 600px) { .body { padding: 16px 12px; } .body th, .body td { padding: 4px 5px; font-size: .75rem; } .body :is(th, td):last-child { overflow-wrap: anywhere; } }
.body li:has(> .task) { list-style: none; margin-left: -1.2em; }`;

/** Markup in the text is shown, links lead to https alone, pictures are not loaded. */
const renderer: RendererObject = {
  html: ({ text }) => (/^<!--[^>]*-->\s*$/.test(text) ? "" : html`${text}`.markup),
  image: ({ text }) => html`${text}`.markup,
  link({ href, tokens }) {
    return link(href, new Html(this.parser.parseInline(tokens))).markup;
  },
  checkbox: ({ checked }) => `<span class="task">${checked ? "☑" : "☐"}</span> `,
};

/** The page of a pull request: its text and its changes; it loads nothing and runs nothing. */
export async function renderPullRequestPage(page: PullRequestPage): Promise<string> {
  const { title, body, number, repository, head, base, files } = page;
  const { Marked } = await import("marked");
  const marked = new Marked({ gfm: true, async: false, renderer });
  const text = new Html(String(marked.parse(body)));
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Html(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} (#${number})</title>
<link rel="icon" href="data:,">
<style>${new Html(PAGE_STYLE + OWN_STYLE)}</style>
</head>
<body>
<div class="strip"><p>A rehearsal on this machine: nobody else has seen this pull request.</p></div>
<main class="page">
<header>
<h1>${title} #${number}</h1>
<p class="facts">${repository}: ${code(head)} into ${code(base)}, changes only ${joinHtml(files.map(code), ", ")}</p>
</header>
<div class="body">
${text}
</div>
</main>
</body>
</html>
`.markup;
}
