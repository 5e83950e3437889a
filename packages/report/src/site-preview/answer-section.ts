import { isLocalRun, type SiteSnapshot } from "@forgebench/artifacts";
import { formatCount, formatDuration, formatFigure, formatRatio } from "../format-figures.ts";
import { changeText } from "./change-cells.ts";
import { type Change, changesOf, controlsOf } from "./changes.ts";
import { code, type Html, html, joinHtml, NOTHING, name, unbroken } from "./html.ts";
import { headlineMetrics, headlinePair, type Night, outcomeWord, runLink } from "./nights.ts";

/** The answer: the headline figures in one sentence, whether they are the latest, and their source. */
export function answerSection(night: Night | undefined, nights: readonly Night[]): Html {
  if (night === undefined) {
    return html`<header><h1>No benchmark has been published</h1>
<p class="lead">Neither a latest snapshot nor a history entry exists yet.</p></header>`;
  }
  const { snapshot } = night;
  const sentence = headlineSentence(snapshot);
  const [title, lead] = titleAndLead(night, sentence);
  return html`<header>
<p class="eyebrow">Benchmarks of ${name(snapshot.source.repository)}</p>
<h1>${title}</h1>
${lead}
<p class="lead">${pairText(snapshot)}, ${name(snapshot.asOfDate)} ${badges(night, isShownAsMarked(night))}</p>
${notices(night, nights)}
</header>
${tiles(snapshot)}`;
}

function titleAndLead({ isLatest, snapshot }: Night, sentence: Html): readonly [Html, Html] {
  if (isLatest) return [sentence, NOTHING];
  if (isLocalRun(snapshot)) {
    return [sentence, html`<p class="lead">A run on a person’s own machine, not a published night.</p>`];
  }
  return [html`No night is shown as the latest`, html`<p class="lead">The newest night: ${sentence}.</p>`];
}

function pairText(snapshot: SiteSnapshot): Html {
  const profile = snapshot.benchmark.profiles.find(({ id }) => id === snapshot.benchmark.headline.profileId);
  const description = profile?.description === undefined ? NOTHING : html` (${name(profile.description)})`;
  return html`${name(headlinePair(snapshot))}${description}`;
}

function headlineSentence(snapshot: SiteSnapshot): Html {
  const metrics = headlineMetrics(snapshot);
  if (metrics === undefined) return html`The headline pair has no figures`;
  const { imageCount, coldWallMs, warmP50Ms } = metrics;
  return html`${unbroken(formatCount(imageCount, "image"))} in ${unbroken(formatDuration(coldWallMs))} cold, in ${unbroken(formatDuration(warmP50Ms))} from the cache`;
}

function isShownAsMarked(night: Night): boolean {
  return !isLocalRun(night.snapshot) && (!night.isLatest || isMarked(night));
}

function isMarked({ snapshot, state }: Night): boolean {
  return state === "not canonical" || (snapshot.canonical === false && !isLocalRun(snapshot));
}

/** The outcome and, if so, that the figures are not valid or not canonical. */
/** A few words with a sign and a colour, which say the same as the words. */
export function badges(night: Night, isNotCanonical = isMarked(night)): Html {
  const { snapshot, state } = night;
  const outcome = outcomeWord(snapshot);
  const tone = outcome === "green" || outcome === "no alerts" ? "good" : outcome === "undecided" ? "plain" : "bad";
  return joinHtml(
    [
      badge(tone, outcome),
      state === "invalid" && outcome !== "invalid" ? badge("bad", "invalid") : NOTHING,
      isNotCanonical ? badge("warn", "not canonical") : NOTHING,
    ],
    " ",
  );
}

const SIGNS = { good: "✓", bad: "✗", warn: "○", plain: "~" } as const;

export function badge(tone: keyof typeof SIGNS, text: string): Html {
  return html`<span class="badge ${tone}"><span aria-hidden="true">${SIGNS[tone]}</span> ${text}</span>`;
}

function notices(night: Night, nights: readonly Night[]): Html {
  if (isLocalRun(night.snapshot)) {
    return night.state === "invalid" ? notice(html`These figures are not valid:`, night.objections) : NOTHING;
  }
  if (!night.isLatest) {
    return notice(html`Why the newest night is not the latest:`, night.whyNotLatest);
  }
  const marked = isMarked(night) || night.state === "invalid";
  const newerCount = nights.findIndex(({ isLatest }) => isLatest);
  const [are, they] = newerCount === 1 ? ["is", "it is"] : ["are", "they are"];
  return joinHtml(
    [
      marked ? notice(html`These figures should not be the latest:`, night.objections) : NOTHING,
      newerCount <= 0
        ? NOTHING
        : notice(
            html`${formatCount(newerCount, "newer night")} ${are} not shown; why ${they} not the latest is in the list of nights.`,
          ),
    ],
    "",
  );
}

function notice(lead: Html, reasons: readonly string[] = []): Html {
  const list = reasons.length === 0 ? NOTHING : html`<ul>${reasons.map((reason) => html`<li>${reason}</li>`)}</ul>`;
  return html`<div class="notice"><p><strong>${lead}</strong></p>${list}</div>`;
}

function tiles(snapshot: SiteSnapshot): Html {
  const metrics = headlineMetrics(snapshot);
  if (metrics === undefined) return NOTHING;
  const { profileId, scenario } = snapshot.benchmark.headline;
  const changes = changesOf(snapshot, profileId, scenario);
  const { coldWallMs, warmP50Ms, warmP95Ms, speedup, coldImagesPerSec, warmImagesPerSec } = metrics;
  return html`<section class="tiles" aria-label="Headline figures">
${tile("Cold wall time", formatDuration(coldWallMs), againstBase(changes?.cold))}
${tile("Warm median", formatDuration(warmP50Ms), html`${againstBase(changes?.warmP50)}<br>p95 ${unbroken(formatDuration(warmP95Ms))}`)}
${tile("Speedup", formatRatio(speedup), html`cold wall time over warm mean`)}
${tile("Images per second", formatFigure(coldImagesPerSec, ""), html`cold; from the cache ${unbroken(formatFigure(warmImagesPerSec, ""))}`)}
</section>`;
}

function tile(label: string, figure: string, below: Html): Html {
  return html`<div class="tile"><h2>${label}</h2><p class="big">${figure}</p><p class="below">${below}</p></div>`;
}

function againstBase(change: Change | undefined): Html {
  if (change === undefined || change.changePct === null) return html`not compared with base`;
  return html`${changeText(change)} against base`;
}

/** Where the figures come from. */
export function originSection({ snapshot }: Night): Html {
  const { source } = snapshot;
  const facts: readonly (readonly [string, Html])[] = [
    ["As of", html`${name(snapshot.asOfDate)}; snapshot made ${unbroken(momentInUtc(snapshot.generatedAt))}`],
    ["Run", html`${runLink(snapshot)}, ${name(source.workflowName)} (${name(source.eventName)})`],
    ["Commit", html`${code(source.sha.slice(0, 12))} on ${name(source.refName)}`],
    ["Dataset", html`${name(source.datasetVersion)}, ${datasetSource(snapshot)}`],
    ["Sample", html`${name(source.tier)}, ${formatCount(source.runCount, "run")} of the headline pair`],
    ["Runner", html`${name(source.runner)}`],
    ["Node", html`${name(source.nodeVersion)}${cliVersion(snapshot)}`],
    ["Validation", html`${validation(snapshot)}`],
    ["Controls", html`${controls(snapshot)}`],
    ["Owner", html`${name(snapshot.owner)}`],
  ];
  return html`<section class="origin"><h2>Source of the figures</h2>
<dl>${facts.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl></section>`;
}

/** The day in words may be another one than that of the export. */
function momentInUtc(timestamp: string): string {
  return `${new Date(timestamp).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

function datasetSource({ source }: SiteSnapshot): Html {
  const { datasetSource: from, datasetSha256: sha256 } = source;
  const place = from === undefined ? html`source not stated` : html`source: ${name(from)}`;
  return sha256 === undefined ? place : html`${place}, ${code(sha256.slice(0, 12))}`;
}

function cliVersion({ source }: SiteSnapshot): Html {
  return typeof source.cliVersion === "string" ? html`, CLI ${name(source.cliVersion)}` : NOTHING;
}

function validation({ summary }: SiteSnapshot): string {
  const word = (isPassed: boolean) => (isPassed ? "passed" : "failed");
  return `head ${word(summary.headValidationPassed)}, base ${word(summary.baseValidationPassed)}`;
}

function controls(snapshot: SiteSnapshot): string {
  const found = controlsOf(snapshot);
  if (found === undefined) return "not stated in the snapshot";
  return found.reason === "" ? found.status : `${found.status}: ${found.reason}`;
}
