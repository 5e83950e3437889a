import { checkArtifact, type DatasetResolved, datasetResolved, tierManifest } from "@forgebench/artifacts";
import { ArtifactError, UsageError } from "@forgebench/errors";
import { describe, expect, it } from "vitest";
import { announceDataset, measuredDatasetOf } from "./dataset-origin.ts";
import { makeContext } from "./test-helpers.ts";

const hex = (digit: string) => digit.repeat(64);
const tier = checkArtifact(
  tierManifest,
  {
    version: "1.0",
    datasetVersion: "1.0.0",
    tierId: "tier3",
    createdAt: "2026-02-15T00:00:00Z",
    imageRoot: "images",
    files: ["a.jpg"],
    formatBreakdown: { jpg: 1, png: 0, gif: 0, tiff: 0 },
    singleScenarios: { small: "a.jpg", median: "a.jpg", large: "a.jpg" },
  },
  "tier-manifest.json",
);
const identity = { datasetVersion: "1.0.0", tierId: "tier3", sha256: hex("d") };
const release = { repository: "o/n", tag: "bench-dataset-v1.0.0", url: "https://github.com/o/n/releases/tag/x" };

function resolvedAs(changes: Partial<DatasetResolved> = {}) {
  const made = {
    kind: "dataset-resolved",
    version: "1.0",
    datasetVersion: "1.0.0",
    tierId: "tier3",
    source: "release",
    contentSha256: hex("d"),
    archive: { name: "a.tar.zst", sha256: hex("a"), sizeBytes: 1 },
    manifestSha256: hex("b"),
    checksumsSha256: hex("c"),
    release,
    ...changes,
  };
  // Left out is what a change says is undefined.
  const document = JSON.parse(JSON.stringify(made));
  return { path: "tier3/dataset-resolved.json", value: checkArtifact(datasetResolved, document, "f") };
}
const local = { source: "local", release: undefined } as const;

describe("measuredDatasetOf", () => {
  it("names the release with its archive, and nothing that only the download needs", () => {
    expect(measuredDatasetOf(tier, hex("d"), { resolved: resolvedAs() })).toEqual({
      ...identity,
      source: "release",
      release: { repository: "o/n", tag: "bench-dataset-v1.0.0", archiveSha256: hex("a") },
    });
  });

  it("is local without a word of where it came from", () => {
    expect(measuredDatasetOf(tier, hex("d"), {})).toEqual({ ...identity, source: "local" });
    expect(measuredDatasetOf(tier, hex("d"), { resolved: resolvedAs(local) })).toEqual({
      ...identity,
      source: "local",
    });
  });

  it("is a fallback when the flag says so, or what was resolved", () => {
    const fallback = { reason: "no release 1.0.0" };
    const expected = { ...identity, source: "fallback", fallback };
    expect(measuredDatasetOf(tier, hex("d"), { fallbackReason: fallback.reason })).toEqual(expected);
    const resolved = resolvedAs({ ...local, fallback });
    expect(measuredDatasetOf(tier, hex("d"), { resolved })).toEqual(expected);
    const said = measuredDatasetOf(tier, hex("d"), { resolved, fallbackReason: "another" });
    expect(said.fallback).toEqual({ reason: "another" });
  });

  it("refuses a release that is said to be a fallback", () => {
    const act = () => measuredDatasetOf(tier, hex("d"), { resolved: resolvedAs(), fallbackReason: "no release" });
    expect(act).toThrow(UsageError);
    expect(act).toThrow(
      "--dataset-fallback: the tier is not a fallback: it comes from the release bench-dataset-v1.0.0 of o/n",
    );
  });

  it.each([
    [{ tierId: "tier4" }, 'tierId: is "tier4", but the tier manifest says "tier3"'],
    [{ datasetVersion: "1.0.1" }, 'datasetVersion: is "1.0.1", but the tier manifest says "1.0.0"'],
    [{ contentSha256: hex("e") }, `contentSha256: is "${hex("e")}", but the images beside it give "${hex("d")}"`],
    [{ ...local, contentSha256: hex("e") }, `contentSha256: is "${hex("e")}"`],
  ] as [Partial<DatasetResolved>, string][])("refuses a tier that is not the resolved one: %j", (changes, message) => {
    const act = () => measuredDatasetOf(tier, hex("d"), { resolved: resolvedAs(changes) });
    expect(act).toThrow(ArtifactError);
    expect(act).toThrow(`Cannot use resolved dataset "tier3/dataset-resolved.json": ${message}`);
  });
});

it("announceDataset warns of a fallback, in one line without control characters", () => {
  const { dataset } = makeContext();
  expect(announceDataset({ dataset })).toEqual([]);
  const fallback = { reason: "no release\n::error::x" };
  expect(announceDataset({ dataset: { ...dataset, source: "fallback", fallback } })).toEqual([
    "warning: tier30 of dataset 0.0.0-dev is a fallback, built on this machine: no release / ::error::x",
  ]);
});
