import { answerSection, originSection } from "./answer-section.ts";
import { changeSection } from "./change-section.ts";
import { Html, html, name } from "./html.ts";
import { listNights, type SitePreviewRequest } from "./nights.ts";
import { nightsSection } from "./nights-section.ts";
import { PAGE_STYLE } from "./page-style.ts";
import { pairsSection } from "./pairs-section.ts";
import { trendSection } from "./trend-section.ts";

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/**
 * A preview of `/benchmarks/latest`, as one HTML page that loads nothing and runs nothing: the latest figures first, then
 * the changes, their source, all pairs, the trend and the nights. Without a latest it shows the newest night and
 * says that it is none.
 */
export function renderSitePreview(request: SitePreviewRequest): string {
  const nights = listNights(request);
  const shown = nights.find(({ isLatest }) => isLatest) ?? nights[0];
  const sections =
    shown === undefined
      ? []
      : [
          originSection(shown),
          changeSection(shown.snapshot),
          trendSection(nights, shown.snapshot),
          pairsSection(shown.snapshot),
          nightsSection(nights, shown),
        ];
  const title = shown === undefined ? html`Benchmarks` : html`Benchmarks of ${shown.snapshot.source.repository}`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Html(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title} (preview)</title>
<link rel="icon" href="data:,">
<style>${new Html(PAGE_STYLE)}</style>
</head>
<body>
<div class="strip"><p>${madeFrom(request)}</p></div>
<main class="page">
${answerSection(shown, nights)}
${sections}
${footer(request)}
</main>
</body>
</html>
`.markup;
}

function madeFrom({ latest, history }: SitePreviewRequest): Html {
  const files = [...(latest === undefined ? [] : ["latest.json"]), ...(history === undefined ? [] : ["history.json"])];
  return html`Preview of /benchmarks/latest, made from ${files.length === 0 ? "no file" : files.join(" and ")} only; the website may look different.`;
}

function footer({ latest, history }: SitePreviewRequest): Html {
  const kept =
    history === undefined ? html`No history was given.` : html`The history keeps ${history.retention} snapshots.`;
  const answers = latest === undefined ? html`` : html` ${name(latest.owner)} is responsible for the figures.`;
  return html`<footer><p>${kept}${answers} Cold: no output and no cache of the subject. Warm: everything in its cache.</p></footer>`;
}
