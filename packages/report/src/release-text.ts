import type { DatasetManifest } from "@forgebench/artifacts";
import { escapeMarkdown } from "@forgebench/errors";
import { markdownCode } from "./escape.ts";

type Tier = DatasetManifest["tiers"][number];

/** A dataset version that is released. All of it that comes from the manifest is text from outside. */
export interface ReleaseTextRequest {
  readonly manifest: DatasetManifest;
  readonly files: readonly { readonly name: string; readonly sizeBytes: number }[];
  readonly checksumsName: string;
  /** `owner/name` */
  readonly repository: string;
  /** The formats of a tier in words. */
  readonly formats: (tier: Tier) => string;
}

const MAX_LISTED = 50;

/** The text of a release for people, as Markdown. */
export function renderReleaseText(request: ReleaseTextRequest): string {
  const { manifest, checksumsName } = request;
  const { datasetVersion, sourcePolicy } = manifest;
  const unpinned = textsIn(sourcePolicy.unpinnedSources).map((source) => escapeMarkdown(source));
  const licenses = textsIn(sourcePolicy.licenses).map((license) => `- ${escapeMarkdown(license)}`);
  return [
    `Images that benchmarks are measured on, version ${datasetVersion}. A released version is never changed; other content gets another version.`,
    tierTable(request),
    `## Licences\n\n${licenses.slice(0, MAX_LISTED).join("\n")}`,
    `Images come from ${textsIn(sourcePolicy.origins).length} origins. \`ATTRIBUTION.md\` in each archive says who made which image, and under which licence it may be used.`,
    ...(unpinned.length === 0 ? [] : [`Without a hash in the register: ${unpinned.slice(0, MAX_LISTED).join(", ")}.`]),
    "## Check the files",
    `With all files in one folder:\n\n\`\`\`sh\nsha256sum -c ${checksumsName}\n\`\`\``,
    `Or download, check and unpack one tier:\n\n\`\`\`sh\n${downloadCommand(request)}\n\`\`\``,
    "`pnpm run bench:dataset:verify` checks a tier that is unpacked already.",
  ].join("\n\n");
}

function downloadCommand({ manifest: { datasetVersion, tiers }, repository }: ReleaseTextRequest): string {
  const tier = tiers[0]?.id.replace("tier", "") ?? "30";
  return `pnpm run bench:dataset:download -- --repo ${repository} --dataset-version ${datasetVersion} --tier ${tier}`;
}

function tierTable({ manifest, files, formats }: ReleaseTextRequest): string {
  const sizes = new Map(files.map(({ name, sizeBytes }) => [name, sizeBytes]));
  const rows = manifest.tiers.map((tier) => {
    const { id, imageCount, archiveName, sha256 } = tier;
    const sizeMb = ((sizes.get(archiveName) ?? 0) / 1e6).toFixed(1);
    return `| ${id} | ${imageCount} | ${formats(tier)} | ${markdownCode(archiveName)} | ${sizeMb} MB | \`${sha256}\` |`;
  });
  const head = ["| tier | images | formats | archive | size | SHA-256 |", "| --- | ---: | --- | --- | ---: | --- |"];
  return [...head, ...rows].join("\n");
}

function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((text) => typeof text === "string") : [];
}
