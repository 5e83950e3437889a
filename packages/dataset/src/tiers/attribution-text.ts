import type { TierFile, TierManifest } from "@forgebench/artifacts";
import { escapeMarkdown, markdownLink, markdownTable } from "./markdown-text.ts";
import { compareText, LOCAL_ORIGIN, SYNTHETIC_ORIGIN, UNSPECIFIED_LICENSE } from "./pool.ts";

/** The name of the attribution in a tier, beside its manifest. */
export const ATTRIBUTION_NAME = "ATTRIBUTION.md";

/**
 * Who made the images of a tier and under which licence each may be used, grouped by licence, in Markdown. Depends on the
 * manifest alone, so that it can be made again and compared. Manifests hold its SHA-256: with other words here, tiers of
 * before would be taken for changed.
 */
export function attributionText(
  manifest: Pick<TierManifest, "tierId" | "datasetVersion" | "imageRoot" | "files">,
): string {
  const { tierId, datasetVersion, imageRoot } = manifest;
  const files = manifest.files.flatMap((file) => (typeof file === "string" ? [] : [file]));
  const licenses = [...new Set(files.map(({ license }) => license))].toSorted(compareText);
  const sections = [
    "# Attribution",
    `Where the images of ${tierId} of dataset ${datasetVersion} come from, and under which licence each may be used. The files lie in the folder ${escapeMarkdown(imageRoot)}.`,
    ...licenses.flatMap((license) => licenseSection(files, license)),
  ];
  return `${sections.join("\n\n")}\n`;
}

function licenseSection(files: readonly TierFile[], license: string): string[] {
  const members = files.filter((file) => file.license === license).toSorted(byOrigin);
  const listed = members.filter(({ origin }) => origin !== SYNTHETIC_ORIGIN);
  return [
    `## ${escapeMarkdown(license).trim() || UNSPECIFIED_LICENSE}`,
    ...(license === UNSPECIFIED_LICENSE
      ? ["No licence is stated for these images: do not pass them on without asking who made them."]
      : []),
    ...madeByUs(members),
    ...(listed.length === 0 ? [] : [markdownTable(["file", "title", "attribution", "source"], listed.map(rowOf), 0)]),
  ];
}

/** Images of this project stand in one line for each way they were made. */
function madeByUs(members: readonly TierFile[]): string[] {
  const made = members.filter(({ origin }) => origin === SYNTHETIC_ORIGIN);
  const attributions = [...new Set(made.map(({ attribution }) => attribution))].toSorted(compareText);
  return attributions.map((attribution) => {
    const count = made.filter((file) => file.attribution === attribution).length;
    const how = escapeMarkdown(attribution).trim();
    const images = count === 1 ? "1 image" : `${count} images`;
    return `${images} made by this project${how === "" ? "" : `: ${how}`}.`;
  });
}

function rowOf(file: TierFile): string[] {
  const { path, origin, attribution, title, sourceUrl } = file;
  const source = escapeMarkdown(origin === LOCAL_ORIGIN ? "local" : origin);
  const link = sourceUrl === undefined ? "" : `, ${markdownLink(sourceUrl)}`;
  return [escapeMarkdown(path), escapeMarkdown(title ?? ""), escapeMarkdown(attribution), `${source}${link}`];
}

function byOrigin(a: TierFile, b: TierFile): number {
  return compareText(a.origin, b.origin) || compareText(a.path, b.path);
}
