import { type ImageFormat, imageFormats } from "@forgebench/artifacts";
import { escapeMarkdown, markdownTable } from "./markdown-text.ts";
import { compareText, type Pool, type PoolImage, sizeClasses, sizeClassOf } from "./pool.ts";
import { type BuiltTier, countFormats, type DatasetIdentity, tierFileName, tierSizeBytes } from "./tier-documents.ts";

/** What {@link datasetSummary} tells the person who built a dataset. */
export interface SummaryFacts {
  readonly identity: DatasetIdentity;
  readonly tiers: readonly BuiltTier[];
  readonly pool: Pool;
  /** What was noticed on the way. */
  readonly notes: readonly string[];
}

/**
 * The summary of a build for the person who made it, in Markdown. It stays on their machine: it names local files, which
 * the published artifacts do not.
 */
export function datasetSummary({ identity, tiers, pool, notes }: SummaryFacts): string {
  const used = new Map(tiers.flatMap(({ plan }) => plan.images.map((image) => [image.sha256, image] as const)));
  const images = [...used.values()].toSorted((a, b) => compareText(a.sha256, b.sha256));
  const sections = [
    `# Dataset ${identity.datasetVersion}`,
    `${pool.images.length} images in the pool, ${images.length} of them in tiers, chosen with seed ${identity.seed}; dated ${identity.createdAt.toISOString()}.`,
    tierTable(tiers),
    "## Size classes\n\nBy the long side: small up to 800 pixels, medium to 1600, large to 2800.",
    classTable(tiers),
    "## Single images\n\nBy file size, for the scenarios with one image.",
    singlesTable(tiers),
    "## Origins and licences\n\nOf the images in tiers.",
    originTable(images),
    "## Archives",
    archiveTable(tiers),
    ...(notes.length === 0 ? [] : ["## Notes", notes.map((note) => `- ${escapeMarkdown(note)}`).join("\n")]),
    ...localSection(images),
  ];
  return `${sections.join("\n\n")}\n`;
}

/** The counts of formats on one line, for example `20 jpg, 7 png, 2 gif, 1 tiff`. */
export function describeFormats(counts: Readonly<Record<ImageFormat, number>>): string {
  return imageFormats.map((format) => `${counts[format]} ${format}`).join(", ");
}

/** What became of a tier, on one line. */
export function describeTier({ plan, archive }: BuiltTier): string {
  const formats = describeFormats(countFormats(plan.images));
  const sizes = [tierSizeBytes(plan), archive.sizeBytes].map((sizeBytes) => `${(sizeBytes / 1e6).toFixed(1)} MB`);
  const text = `${plan.size} images (${formats}), ${sizes.join(", archive ")}`;
  return `${plan.id.padEnd(10)} ${text}, sha256 ${archive.sha256.slice(0, 12)}…`;
}

function tierTable(tiers: readonly BuiltTier[]): string {
  const rows = tiers.map(({ plan, archive }) => {
    const counts = countFormats(plan.images);
    const formats = imageFormats.map((format) => String(counts[format]));
    return [plan.id, String(plan.size), ...formats, megabytes(tierSizeBytes(plan)), megabytes(archive.sizeBytes)];
  });
  return table(["tier", "images", ...imageFormats, "MB", "archive MB"], rows, 1);
}

function classTable(tiers: readonly BuiltTier[]): string {
  const rows = tiers.map(({ plan }) => [
    plan.id,
    ...sizeClasses.map((name) => String(plan.images.filter((image) => sizeClassOf(image) === name).length)),
  ]);
  return table(["tier", ...sizeClasses], rows, 1);
}

function singlesTable(tiers: readonly BuiltTier[]): string {
  const rows = tiers.map(({ plan, manifest: { singleScenarios } }) => {
    const shown = [singleScenarios.small, singleScenarios.median, singleScenarios.large].map((name) => {
      const image = plan.images.find((candidate) => tierFileName(candidate) === name);
      return `${name} (${((image?.sizeBytes ?? 0) / 1000).toFixed(1)} kB)`;
    });
    return [plan.id, ...shown];
  });
  return table(["tier", "small", "median", "large"], rows, 0);
}

function originTable(images: readonly PoolImage[]): string {
  const counts = new Map<string, { readonly cells: readonly string[]; count: number }>();
  for (const { origin, license, attribution } of images) {
    const cells = [origin, license, attribution];
    const row = counts.get(cells.join("\n")) ?? { cells, count: 0 };
    row.count += 1;
    counts.set(cells.join("\n"), row);
  }
  const rows = [...counts.values()].toSorted((a, b) => compareText(a.cells.join("\n"), b.cells.join("\n")));
  return table(
    ["images", "origin", "licence", "attribution"],
    rows.map(({ cells, count }) => [String(count), ...cells]),
    0,
  );
}

function archiveTable(tiers: readonly BuiltTier[]): string {
  return table(
    ["archive", "SHA-256"],
    tiers.map(({ archiveName, archive }) => [archiveName, archive.sha256]),
    0,
  );
}

function localSection(images: readonly PoolImage[]): string[] {
  const local = images.filter(({ origin }) => origin === "local");
  if (local.length === 0) return [];
  const rows = local.map((image) => [tierFileName(image), image.file]);
  return [
    "## Local images\n\nWhich of your files became which image. Only this page says so.",
    table(["image", "file"], rows, 0),
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[], numericFrom: number): string {
  return markdownTable(
    head,
    rows.map((row) => row.map(escapeMarkdown)),
    numericFrom,
  );
}

function megabytes(sizeBytes: number): string {
  return (sizeBytes / 1_000_000).toFixed(2);
}
