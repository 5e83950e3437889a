import { InvariantError } from "@forgebench/errors";
import type { FormatOptions } from "./format-options.ts";

/**
 * A JSON document as prettier prints it. The build of prettier that is used knows no files: it reads no files,
 * whatever the options say. Objects start on lines of their own, as in a file that was written with two spaces.
 */
export async function formatSiteJson(value: object, options: FormatOptions = {}): Promise<string> {
  const [babel, estree, { format }] = await Promise.all([
    import("prettier/plugins/babel"),
    import("prettier/plugins/estree"),
    import("prettier/standalone"),
  ]);
  const text = JSON.stringify(value, null, 2);
  const formatted = await format(text, { parser: "json", ...options, plugins: [babel, estree] });
  // The formatter must not change the planned data.
  if (JSON.stringify(JSON.parse(formatted)) !== JSON.stringify(JSON.parse(text))) {
    throw new InvariantError("formatting would change the website's data");
  }
  return formatted;
}
