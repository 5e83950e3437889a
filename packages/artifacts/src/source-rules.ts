import { groupBy } from "@forgebench/errors";
import { fetchReport } from "./fetch-report.ts";

/** What an entry of the sources register may say; each rule answers with the problem or with nothing. */

const MAX_FILENAME_BYTES = 200;
const RESERVED_NAMES = new Set([fetchReport.fileName]);
const WINDOWS_DEVICE =
  /^(con|prn|aux|nul|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3]|conin\$|conout\$)\s*(\.|$)/i;
const IMAGE_EXTENSION = /[^.]\.(jpe?g|png|gif|tiff?)$/i;

/** Why a name may not be given to a file of any folder on any system. */
export function filenameProblem(name: string): string | undefined {
  if (name === "") return "is empty";
  if (/[/\\]/.test(name)) return "holds a separator; a bare file name would be right";
  if (/\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}|\p{Cs}/u.test(name)) return "holds a control character or an invisible one";
  if (/[<>:"|?*]/.test(name)) return "holds a character that not every system allows in names";
  if (/^[.-]/.test(name)) return "begins with a dot or a dash";
  if (/^\s|[. ]$|\s$/.test(name)) return "begins or ends with a space, or ends with a dot";
  if (name.includes("..")) return 'holds ".."';
  if (WINDOWS_DEVICE.test(name)) return "is the name of a device on Windows";
  if (RESERVED_NAMES.has(name.toLowerCase())) return "is the name of the report";
  if (Buffer.byteLength(name) > MAX_FILENAME_BYTES) return `is longer than ${MAX_FILENAME_BYTES} bytes`;
  if (name !== name.normalize("NFC")) return "is not in the Unicode form NFC";
  if (!IMAGE_EXTENSION.test(name)) return "does not end in .jpg, .jpeg, .png, .gif, .tif or .tiff";
  return undefined;
}

/** Why an address may not stand in a register. */
export function sourceUrlProblem(text: string): string | undefined {
  if (!/^https?:\/\/[^/\\\s]/i.test(text) || !URL.canParse(text))
    return "not an address such as https://host/picture.jpg";
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") return "holds a user or a password, which a register must not";
  const isLoopback = /^(localhost|\[::1\]|127\.\d+\.\d+\.\d+)$/.test(url.hostname);
  if (url.protocol === "http:" && !isLoopback) return "plain http is for this machine alone; https would be right";
  return undefined;
}

/** Whether a licence asks for no attribution. */
export function isPublicDomain(license: string): boolean {
  return /^(CC0(-1\.0)?|CC-PDDC|(CC-)?PDM(-1\.0)?|(LicenseRef-)?public[ -]domain)$/i.test(license.trim());
}

/** What an entry claims for itself, and where it stands. */
interface Claim {
  readonly id?: string;
  readonly filename?: string;
  readonly enabled: boolean;
  readonly place: string;
}

/** For each claim, with which others it clashes: all must differ in id, the enabled ones in their filename. */
export function duplicatesIn(claims: readonly Claim[]): string[][] {
  const ids = groupBy(claims, ({ id }) => id);
  const names = groupBy(
    claims.filter(({ enabled }) => enabled),
    ({ filename }) => (filename === undefined ? undefined : foldedName(filename)),
  );
  return claims.map((claim) => {
    const sameId = others(ids.get(claim.id), claim);
    const sameName = claim.filename === undefined ? [] : others(names.get(foldedName(claim.filename)), claim);
    return [
      ...(claim.id === undefined || sameId.length === 0
        ? []
        : [`id: ${JSON.stringify(claim.id)} is also that of ${list(sameId.map(({ place }) => place))}`]),
      ...(!claim.enabled || sameName.length === 0
        ? []
        : [
            `filename: ${JSON.stringify(claim.filename)} is one file with ${list(sameName.map(({ filename, place }) => `${JSON.stringify(filename)} of ${place}`))}`,
          ]),
    ];
  });
}

/** Names that are one file on some system are one here. */
function foldedName(name: string): string {
  return name.normalize("NFC").toUpperCase().toLowerCase().normalize("NFC");
}

function others(group: readonly Claim[] | undefined, claim: Claim): Claim[] {
  return (group ?? []).filter((other) => other !== claim);
}

function list(parts: readonly string[]): string {
  return parts.length <= 3 ? parts.join(", ") : `${parts.slice(0, 3).join(", ")}, …`;
}
