import { describe, expect, it } from "vitest";
import { renderSitePreview } from "./site-preview.ts";
import { buildExampleSite, buildHistory, buildSnapshot, judgedByEvidence } from "./test-helpers.ts";

/** The words of a page, without markup. */
const words = (markup: string) =>
  markup
    .replace(/<style>.*?<\/style>/s, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ");

describe("renderSitePreview", () => {
  it("says the figures with three significant digits and the changes with one decimal", () => {
    const text = words(
      renderSitePreview({ latest: buildSnapshot({ coldMs: 61_234.5, warmMs: 150.04, changePct: 0.44 }) }),
    );
    expect(text).toContain("200 images in 61.2 s cold, in 150 ms from the cache");
    expect(text).toContain("Cold wall time 61.2 s +0.9 % against base");
    expect(text).toContain("Speedup 400×");
    expect(text).toContain("Images per second 3.27 cold; from the cache 1333");
    expect(text).toContain("Dataset 1.0.0 , source: release");
    expect(text).toMatch(/As of \w+ \d+, \d{4} ; snapshot made \d{4}-\d\d-\d\d \d\d:\d\d UTC/);
    expect(text).toContain("warm p95; where base is below 100 ms also at least 15.0 ms.");
    expect(text).not.toContain("NaN");
  });

  it("gives interval, verdict and controls where the snapshot has them, and says where it has none", () => {
    const plain = words(renderSitePreview({ latest: buildSnapshot() }));
    expect(plain).toContain("Controls not stated in the snapshot");
    expect(plain).toContain("The snapshot has no intervals");
    const judged = words(renderSitePreview({ latest: judgedByEvidence(buildSnapshot({ changePct: 0.2 })) }));
    expect(judged).toContain("+0.4 % [−0.7, +1.6] same against base");
    expect(judged).toContain("Controls passed: null check quiet");
    expect(judged).toContain("7 same");
    expect(judged).not.toContain("The snapshot has no intervals");
  });

  it("names alerts with their change", () => {
    const { deltas, summary } = buildSnapshot({ changePct: 12.34 });
    const alerting = deltas.map((delta, index) =>
      index === 1 ? { ...delta, alerts: ["cold", "warm-peak_memory"] } : delta,
    );
    const changes = {
      deltas: alerting,
      outcome: "regression",
      summary: { ...summary, alertCount: 2, hasAlerts: true },
    };
    const text = words(renderSitePreview({ latest: buildSnapshot({ changes }) }));
    expect(text).toContain("2 alerts in 4 pairs:");
    expect(text).toContain("P1/batch-all : cold +24.7 % , warm-peak_memory");
    expect(text).toContain("✗ regression");
  });

  it("says plainly that there is no latest, and marks the newest night", () => {
    const history = buildHistory([buildSnapshot({ day: 3 }), buildSnapshot({ day: 4 })]);
    const text = words(renderSitePreview({ history, facts: { whyNotLatest: { "7000004.1": ["only 4 runs"] } } }));
    expect(text).toContain("No night is shown as the latest The newest night: 200 images in 60.0 s cold");
    expect(text).toContain("March 5, 2026 ✓ green ○ not canonical Why the newest night is not the latest: only 4 runs");
  });

  it("shows a run on one's own machine as one, without links or reasons why it is not published", () => {
    const source = { eventName: "local", tier: "tier4", datasetSource: "local", runUrl: "https://localhost/" } as const;
    const canonical = { canonical: false, nonCanonicalReasons: ["measured on one's own machine"] };
    const page = renderSitePreview({ history: buildHistory([buildSnapshot({ source, changes: canonical })]) });
    expect(page).not.toContain("localhost");
    const text = words(page);
    expect(text).toMatch(
      /Benchmarks of example\/pictures 200 images in 60\.0 s cold, in \d+ ms from the cache A run on a person’s own machine, not/,
    );
    expect(text).not.toMatch(/not canonical|No night|latest:|tier200/);
  });

  it("says how many newer nights are not shown, and objections to the latest itself", () => {
    const items = [0, 1, 2].map((day) => buildSnapshot({ day }));
    const latest = buildSnapshot({ changes: { canonical: false, nonCanonicalReasons: ["no release"] } });
    const text = words(renderSitePreview({ latest, history: buildHistory(items) }));
    expect(text).toContain("2 newer nights are not shown");
    expect(text).toContain("These figures should not be the latest: no release");
  });

  it("has a page for an empty history, and for a headline pair without figures", () => {
    expect(words(renderSitePreview({ history: buildHistory([]) }))).toContain("No benchmark has been published");
    const { benchmark } = buildSnapshot();
    const changes = { benchmark: { ...benchmark, headline: { profileId: "constructor", scenario: "toString" } } };
    const latest = buildSnapshot({ changes });
    expect(words(renderSitePreview({ latest }))).toContain("The headline pair has no figures");
  });

  it("describes each chart in words", () => {
    const descriptions = [...renderSitePreview(buildExampleSite()).matchAll(/<desc[^>]*>([^<]*)/g)].map(
      ([, text]) => text,
    );
    expect(descriptions).toHaveLength(4);
    expect(descriptions[0]).toMatch(
      /^22 nights\. Between 5\d\.\d s and 6\d\.\d s, the newest 57\.\d s\. 1 not canonical, 1 invalid, 1 alert\./,
    );
    expect(descriptions[0]).toContain("1 of another tier or pair, not on the scale.");
    expect(descriptions[0]).toContain("broken where the set-up becomes dataset 1.1.0 (release)");
  });

  it.each([
    ["javascript:alert(1)", false],
    ["http://example.org/", false],
    ["https://user:secret@example.org/", false],
    ["//example.org", false],
    ["https://example.org/?a=1&b='\"><i>", true],
  ])("links to %s: %s", (runUrl, isLinked) => {
    const page = renderSitePreview({ latest: buildSnapshot({ source: { runUrl } }) });
    expect(page.includes("<a ")).toBe(isLinked);
    expect(page).not.toContain("secret");
    expect(page).not.toContain("<i>");
  });

  it("stays small for a history of any length", () => {
    const items = Array.from({ length: 1000 }, (_, day) => buildSnapshot({ day }));
    const page = renderSitePreview({ history: buildHistory(items) });
    expect(page.length).toBeLessThan(300_000);
    expect(words(page)).toContain("the newest 60 of 1000 nights");
    expect(words(page)).toContain("880 older ones not listed");
  });
});
