import { escapeSvg } from "../svg-text.ts";

/** The longest that a text from outside may be on the page, in characters. */
const MAX_TEXT_LENGTH = 300;
const MAX_NAME_LENGTH = 60;
const MAX_URL_LENGTH = 1000;

/** Markup that is safe to put into a page as it is. */
export class Html {
  readonly markup: string;
  constructor(markup: string) {
    this.markup = markup;
  }
}

type Part = Html | readonly Html[] | string | number;

/** A template whose texts and numbers are escaped: only {@link Html} is inserted unchanged. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(
    strings.map((text, index) => `${index === 0 ? "" : markupOf(parts[index - 1] ?? "")}${text}`).join(""),
  );
}

/** No markup at all, for parts that are left out. */
export const NOTHING = new Html("");

function markupOf(part: Part): string {
  if (part instanceof Html) return part.markup;
  if (typeof part === "object") return part.map(({ markup }) => markup).join("\n");
  return escapeSvg(String(part), MAX_TEXT_LENGTH);
}

/** Pieces with a separator of ours between them; empty ones are left out. */
export function joinHtml(parts: readonly Html[], separator: string): Html {
  const filled = parts.filter(({ markup }) => markup !== "");
  return new Html(filled.map(({ markup }) => markup).join(separator));
}

/** A name from outside: cut where it is very long, and of no effect on the direction of the text around it. */
export function name(text: string): Html {
  return new Html(`<bdi>${escapeSvg(text, MAX_NAME_LENGTH)}</bdi>`);
}

/** A commit, id or path. */
export function code(text: string): Html {
  return new Html(`<code>${escapeSvg(text, MAX_NAME_LENGTH)}</code>`);
}

/** A link if the address is https and holds no credentials; else only the text. */
export function link(address: string, text: Html): Html {
  const href = safeAddress(address);
  return href === undefined ? text : html`<a href="${new Html(href)}" rel="noopener noreferrer">${text}</a>`;
}

function safeAddress(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const { protocol, username, password, href } = new URL(address);
  if (protocol !== "https:" || username !== "" || password !== "" || href.length > MAX_URL_LENGTH) return undefined;
  return href.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** A figure or word without a line break inside. */
export function unbroken(text: string): Html {
  return html`<span class="fig">${text}</span>`;
}

/** A table that scrolls inside itself if it is wider than the page. */
export function scrollingTable(id: string, caption: Html, content: Html): Html {
  const key = new Html(id);
  return html`<div class="scroll" role="region" aria-labelledby="${key}" tabindex="0">
<table>
<caption id="${key}"><span>${caption}</span></caption>
${content}
</table>
</div>`;
}
