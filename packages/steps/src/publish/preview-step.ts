import { siteHistory, siteSnapshot } from "@forgebench/artifacts";
import { readArtifact, writeFileAtomic } from "@forgebench/io";
import { renderSitePreview } from "@forgebench/report";

/** The data of the website, at least one of the files, and where the page goes. All by absolute path. */
export interface PreviewRequest {
  readonly latest?: string | undefined;
  readonly history?: string | undefined;
  readonly out: string;
}

/**
 * Shows how the website will present its benchmark data: one HTML page that opens from a file.
 * @throws {ArtifactError} for data that do not fit their schema.
 */
export async function previewStep({ latest, history, out }: PreviewRequest): Promise<void> {
  const page = renderSitePreview({
    latest: latest === undefined ? undefined : (await readArtifact(siteSnapshot, latest)).value,
    history: history === undefined ? undefined : (await readArtifact(siteHistory, history)).value,
  });
  await writeFileAtomic(out, page);
}
