/** @module-tag slow */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { SiteSnapshot } from "@forgebench/artifacts";
import { type Browser, chromium, type Page } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { renderSitePreview } from "./site-preview.ts";
import { buildExampleSite, buildHistory, buildSnapshot } from "./test-helpers.ts";

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../../..");
const REAL = path.join(ROOT, "../shared/data/site-snapshots/snapshots.json");
const CHROMIUM = "/usr/bin/chromium";
const absent = !existsSync(CHROMIUM);

/** Real snapshots where they are beside the project. */
function realSite() {
  if (!existsSync(REAL)) return buildExampleSite();
  const snapshots: SiteSnapshot[] = JSON.parse(readFileSync(REAL, "utf8"));
  const history = buildHistory(snapshots);
  return { latest: history.items[0] ?? buildSnapshot(), history };
}

const HOSTILE = [
  `"><img src=x onerror="window.__hit=1"><script>window.__hit=2;alert(1)</script>`,
  `</title></style></svg><svg onload="window.__hit=3"><a xlink:href="javascript:window.__hit=4">x</a></svg>`,
  `' onmouseover='window.__hit=5' \u202e\u001b[31m\u0000\u2066 ${"long".repeat(5000)}`,
];

const KEPT = /^(kind|schemaVersion|snapshotId|generatedAt|outcome|policy|gateMode|sha256|verdicts)$/;

/** Every text of a document made hostile, but for those that its schema fixes; the same text becomes the same. */
function poisoned<T>(value: T): T {
  const poison = (text: string) => HOSTILE[text.length % HOSTILE.length] ?? "";
  const walk = (part: unknown, key: string): unknown => {
    if (KEPT.test(key)) return part;
    if (typeof part === "string") return key === "runUrl" ? `javascript:window.__hit=6//${poison(part)}` : poison(part);
    if (Array.isArray(part)) return part.map((item) => walk(item, key));
    if (typeof part !== "object" || part === null) return part;
    const entries = Object.entries(part).map(([name, item]) => [
      ["P2", "batch-all"].includes(name) ? poison(name) : name,
      walk(item, name),
    ]);
    return Object.fromEntries(entries);
  };
  return walk(value, "") as T;
}

describe.skipIf(absent)(`the page in a browser${absent ? ` (skipped: no ${CHROMIUM})` : ""}`, () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "site preview "));
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  });

  interface Opened {
    readonly page: Page;
    /** Console messages, errors, dialogs and requests that a page should not have. */
    readonly seen: string[];
  }

  async function open(markup: string, options: { width?: number } = {}): Promise<Opened> {
    const page = await browser.newPage({
      viewport: { width: options.width ?? 1280, height: 900 },
    });
    const file = path.join(folder, `page-${browser.contexts().length}-${options.width ?? 1280}.html`);
    writeFileSync(file, markup);
    const seen: string[] = [];
    const address = pathToFileURL(file).href;
    page.on("console", (message) => seen.push(`console: ${message.text()}`));
    page.on("pageerror", (error) => seen.push(`error: ${error.message}`));
    page.on("request", (request) => {
      if (request.url() !== address && !request.url().startsWith("data:")) seen.push(`request: ${request.url()}`);
    });
    page.on("dialog", (dialog) => {
      seen.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await page.goto(address);
    return { page, seen };
  }

  it.each([360, 1280])("says the answer, loads nothing, links only to https and fits into %i px", async (width) => {
    const site = realSite();
    const { page, seen } = await open(renderSitePreview(site), { width });
    const metrics =
      site.latest.profileScenarioMetrics[site.latest.benchmark.headline.profileId]?.[
        site.latest.benchmark.headline.scenario
      ];
    const seconds = ((metrics?.coldWallMs ?? 0) / 1000).toPrecision(3);
    expect(await page.locator("h1").textContent()).toContain(`${metrics?.imageCount} images in ${seconds} s cold`);
    expect(await page.locator(".tile .big").first().textContent()).toBe(`${seconds} s`);
    expect(await page.locator("header .lead").textContent()).toContain(site.latest.asOfDate);
    expect(await page.locator("table").last().locator("tbody tr").count()).toBe(site.history.items.length);
    const widths = await page.evaluate("[document.documentElement.scrollWidth, document.body.scrollWidth]");
    expect(widths).toEqual([width, width]);
    const links = await page
      .locator("a")
      .evaluateAll((found) => found.map((a) => [a.getAttribute("href"), a.getAttribute("rel")]));
    expect(links.length).toBeGreaterThan(20);
    expect(links.filter(([href, rel]) => !href?.startsWith("https://") || !rel?.includes("noopener"))).toEqual([]);
    expect(seen).toEqual([]);
    await page.context().close();
  });

  it("runs nothing of hostile texts, whatever field holds them", async () => {
    const { latest, history } = buildExampleSite();
    const { page, seen } = await open(renderSitePreview(poisoned({ latest, history })), { width: 360 });
    expect(await page.locator("h1").textContent()).toContain("200 images in 57.6 s cold");
    expect(await page.locator("body").textContent()).toContain("window.__hit=1");
    const made = "script, img, iframe, object, [onload], [onerror], [onmouseover], a";
    expect(await page.locator(made).count()).toBe(0);
    expect(await page.locator("svg:not(.chart)").count()).toBe(await page.locator(".legend > li > svg").count());
    expect(await page.evaluate(`"__hit" in window`)).toBe(false);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(360);
    expect(await page.content()).not.toMatch(/[\u202a-\u202e\u2066-\u2069]|\p{Cc}(?<!\n)/u);
    expect(seen).toEqual([]);
    await page.context().close();
  });

  it("has headings in order, a caption and scopes in each table, words for each chart, and contrast", async () => {
    const { page } = await open(renderSitePreview(buildExampleSite()));
    const levels = await page.locator("h1,h2,h3").evaluateAll((found) => found.map((h) => Number(h.tagName.slice(1))));
    expect(levels[0]).toBe(1);
    expect(levels.every((level, index) => level - (levels[index - 1] ?? 0) <= 1)).toBe(true);
    expect(await page.locator("table").count()).toBe(await page.locator("table > caption").count());
    expect(await page.locator("th:not([scope])").count()).toBe(0);
    expect(await page.locator("svg.chart").count()).toBe(4);
    expect(await page.locator("svg.chart[role=img] > title + desc").count()).toBe(4);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      const found = await page.evaluate<{ seenCount: number; lows: string[] }>(LOW_CONTRASTS);
      expect(found.lows).toEqual([]);
      expect(found.seenCount).toBeGreaterThan(200);
    }
    await page.context().close();
  });

  it.runIf(process.env.FORGEBENCH_PICTURES === "1")("makes the picture of the documentation", async () => {
    const { page } = await open(renderSitePreview(buildExampleSite()));
    const legend = await page.locator(".legend").boundingBox();
    const height = Math.ceil((legend?.y ?? 0) + (legend?.height ?? 0)) + 40;
    const picture = await page.screenshot({ fullPage: true, clip: { x: 0, y: 0, width: 1280, height } });
    await sharp(picture)
      .png({ palette: true, colours: 128, effort: 10 })
      .toFile(path.join(ROOT, "docs/images/site-preview.png"));
    await page.context().close();
  });
});

/** Run in the page: the texts whose contrast with what lies behind them is below 4.5. */
const LOW_CONTRASTS = `
(() => {
  const parse = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const luminance = (colour) => {
    const [r, g, b] = parse(colour).map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    if (element === null) return "rgb(255, 255, 255)";
    const { backgroundColor } = getComputedStyle(element);
    return parse(backgroundColor)[3] === 0 ? behind(element.parentElement) : backgroundColor;
  };
  const isText = (node) => node.nodeType === 3 && node.textContent.trim() !== "";
  const elements = [...document.querySelectorAll("body *")].filter((element) => [...element.childNodes].some(isText));
  const seen = elements.filter((element) => element.closest("title, desc") === null);
  const lows = seen.flatMap((element) => {
    const style = getComputedStyle(element);
    const [a, b] = [luminance(element.closest("svg") === null ? style.color : style.fill), luminance(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    return ratio >= 4.5 ? [] : [element.tagName + " " + element.textContent.slice(0, 30) + ": " + ratio.toFixed(2)];
  });
  return { seenCount: seen.length, lows };
})()`;
