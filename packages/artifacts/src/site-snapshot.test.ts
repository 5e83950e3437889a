import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parseArtifact, serializeArtifact } from "./artifact-kind.ts";
import { type SiteSnapshot, siteSnapshot } from "./site-snapshot.ts";

const REAL = path.resolve(
  path.dirname(fileURLToPath(import.meta.url)),
  "../../../../shared/data/site-snapshots/snapshots.json",
);
const absent = !existsSync(REAL);

describe.skipIf(absent)(`real snapshots${absent ? " (skipped: shared/data is not beside the project)" : ""}`, () => {
  it("all parse, and come back unchanged", () => {
    const documents: SiteSnapshot[] = JSON.parse(readFileSync(REAL, "utf8"));
    expect(documents.length).toBeGreaterThan(40);
    for (const document of documents) {
      const read = parseArtifact(siteSnapshot, JSON.stringify(document), document.snapshotId);
      expect(read).toEqual(document);
      expect(JSON.parse(serializeArtifact(siteSnapshot, read, "f"))).toEqual(document);
    }
  });
});
