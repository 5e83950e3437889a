// Made of preflight.ts by npm run check:house -- --write. Do not edit.
const import_meta_url = new URL("../../packages/io/src/script.ts", import.meta.url).href;

// packages/errors/src/printable.ts
var CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
function printable(text) {
  return text.replace(CONTROL, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`).replace(/^(\s*)::/gm, "$1\u2059::").replaceAll("##[", "##\u2059[").replace(/:\/\/[^/\s@"'`]+@/g, "://***@");
}

// packages/errors/src/nearest.ts
function nearestName(name, known) {
  const scored = known.map((candidate) => ({ candidate, distance: editDistance(name, candidate) }));
  const best = scored.sort((a, b) => a.distance - b.distance)[0];
  return best !== void 0 && best.distance <= Math.max(2, name.length / 3) && best.distance < name.length ? best.candidate : void 0;
}
function editDistance(a, b) {
  let before = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 0; i < a.length; i += 1) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1) {
      const isSwapped = i > 0 && j > 0 && a[i] === b[j - 1] && a[i - 1] === b[j];
      const replaced = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1);
      const swapped = isSwapped ? (before[j - 1] ?? 0) + 1 : Number.POSITIVE_INFINITY;
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, replaced, swapped));
    }
    [before, row] = [row, next];
  }
  return row[b.length] ?? 0;
}

// packages/errors/src/index.ts
var UsageError = class extends Error {
  name = "UsageError";
  details;
  constructor(message, details = []) {
    super(message);
    this.details = details;
  }
};
var ArtifactError = class extends Error {
  name = "ArtifactError";
  path;
  kind;
  issues;
  details;
  constructor(info) {
    const lines = info.issues.map((issue) => issue.path === "" ? issue.message : `${issue.path}: ${issue.message}`);
    const [first = "unusable", ...more] = lines;
    super(`${info.action ?? "Cannot read"} ${info.kind} "${info.path}": ${first}`);
    this.path = info.path;
    this.kind = info.kind;
    this.issues = info.issues;
    this.details = [...more.map((text) => ({ label: "also", text })), ...info.details ?? []];
  }
};
var OperationError = class extends Error {
  name = "OperationError";
  failure;
  details;
  constructor(failure, message, options = {}) {
    super(message, options.cause === void 0 ? void 0 : { cause: options.cause });
    this.failure = failure;
    this.details = options.details ?? [];
  }
};
var InterruptedError = class extends Error {
  name = "InterruptedError";
  signal;
  constructor(signal) {
    super(signal === "SIGINT" ? "interrupted" : "terminated");
    this.signal = signal;
  }
};
function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
function codeOf(error) {
  if (typeof error !== "object" || error === null || !("code" in error)) return void 0;
  return typeof error.code === "string" ? error.code : void 0;
}

// packages/io/src/script.ts
import path from "node:path";
import { fileURLToPath } from "node:url";

// packages/io/src/exit-codes.ts
var EXIT = {
  ok: 0,
  /** A warning threshold was exceeded (`bench compare --ci` only). */
  warning: 1,
  /** A gate says no: regression, failure threshold, target missed. */
  gate: 2,
  /** Could not be judged: runs failed, nothing to compare. */
  unjudged: 3,
  usage: 64,
  data: 65,
  service: 69,
  /** A bug of ours: anything uncaught. */
  internal: 70,
  output: 73,
  interrupted: 130,
  terminated: 143
};
var EXIT_OF_FAILURE = {
  gate: EXIT.gate,
  unjudged: EXIT.unjudged,
  data: EXIT.data,
  service: EXIT.service,
  output: EXIT.output
};
var OUTPUT_CODES = /* @__PURE__ */ new Set(["EACCES", "EPERM", "EROFS", "ENOSPC", "EDQUOT", "EISDIR", "ENOTDIR", "EEXIST", "EFBIG"]);
function exitCodeOf(error) {
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof ArtifactError) return EXIT.data;
  if (error instanceof OperationError) return EXIT_OF_FAILURE[error.failure];
  if (error instanceof InterruptedError) return error.signal === "SIGINT" ? EXIT.interrupted : EXIT.terminated;
  if (OUTPUT_CODES.has(codeOf(error) ?? "")) return EXIT.output;
  return EXIT.internal;
}

// packages/io/src/flags.ts
import { parseArgs } from "node:util";
function camelCase(name) {
  return name.replace(/-([a-z0-9])/g, (_, letter) => letter.toUpperCase());
}
function convert(name, flag, text, context) {
  try {
    return flag.parse(text, context);
  } catch (error) {
    const [problem = "", expected = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    const isExample = flag.shownDefault !== void 0 && !flag.shownDefault.includes(" ");
    const example = isExample ? `, for example --${name} ${flag.shownDefault}` : "";
    throw new UsageError(`--${name}: ${JSON.stringify(text)} ${problem}`, [
      { label: "expected", text: `${expected}${example}` }
    ]);
  }
}
var HELP_REQUESTED = /* @__PURE__ */ Symbol("help requested");
function parseFlags(table, argv, context) {
  const args = argv[0] === "--" ? argv.slice(1) : [...argv];
  const options = Object.fromEntries(
    Object.entries(table).map(([name, flag]) => [
      name,
      { type: flag.placeholder === "" ? "boolean" : "string" }
    ])
  );
  const { tokens } = parseArgs({
    args: [...args],
    options: { ...options, help: { type: "boolean", short: "h" } },
    strict: false,
    allowPositionals: true,
    tokens: true
  });
  if (tokens.some((token) => token.kind === "option" && token.name === "help")) return HELP_REQUESTED;
  const texts = /* @__PURE__ */ new Map();
  for (const token of tokens) {
    if (token.kind === "option-terminator") throw new UsageError('unexpected "--" between the arguments');
    if (token.kind === "positional") {
      throw new UsageError(`unexpected argument ${JSON.stringify(token.value)}`, [
        { label: "expected", text: "flags only, as --flag value or --flag=value (see --help)" }
      ]);
    }
    texts.set(token.name, acceptOption(table, token, texts));
  }
  return collect(table, texts, context);
}
function acceptOption(table, token, seen) {
  const flag = Object.hasOwn(table, token.name) ? table[token.name] : void 0;
  if (flag === void 0) {
    const guess = nearestName(token.name, Object.keys(table));
    throw new UsageError(
      `unknown flag ${token.rawName}`,
      guess === void 0 ? [{ label: "see", text: "--help" }] : [{ label: "meant", text: `--${guess}?` }]
    );
  }
  if (seen.has(token.name)) throw new UsageError(`--${token.name} is given more than once`);
  if (flag.placeholder === "") {
    if (token.value !== void 0)
      throw new UsageError(`--${token.name} takes no value, but has ${JSON.stringify(token.value)}`);
    return "";
  }
  const swallowed = token.inlineValue !== true && (token.value?.startsWith("--") ?? false);
  if (token.value === void 0 || swallowed) {
    throw new UsageError(`--${token.name} needs a value`, [
      { label: "expected", text: `--${token.name} ${flag.placeholder}` }
    ]);
  }
  return token.value;
}
function collect(table, texts, context) {
  const missing = Object.keys(table).filter((name) => table[name]?.required === true && !texts.has(name));
  if (missing.length > 0) {
    throw new UsageError(`missing ${missing.map((name) => `--${name}`).join(", ")}`, [
      { label: "see", text: "--help" }
    ]);
  }
  const entries = Object.entries(table).map(([name, flag]) => {
    const text = texts.get(name);
    return [camelCase(name), text === void 0 ? flag.fallback(context) : convert(name, flag, text, context)];
  });
  return Object.fromEntries(entries);
}
function describeFlags(table) {
  const rows = Object.entries(table).map(([name, flag]) => {
    const left = flag.placeholder === "" ? `--${name}` : `--${name} ${flag.placeholder}`;
    const note = flag.required ? " (required)" : flag.shownDefault === void 0 ? "" : ` (${flag.shownDefault})`;
    return { left, right: `${flag.description}${note}` };
  });
  rows.push({ left: "--help", right: "this text" });
  const width = Math.min(34, Math.max(...rows.map((row) => row.left.length)));
  return rows.map(
    ({ left, right }) => left.length <= width ? `  ${left.padEnd(width)}  ${right}` : `  ${left}
  ${"".padEnd(width)}  ${right}`
  ).join("\n");
}

// packages/io/src/forgotten-dashes.ts
function refuseForgottenDashes(table, command, { argv, env }) {
  const entry = /\brun (?:-\S+ )*(\S+)/.exec(command)?.[1];
  if (entry === void 0 || env.npm_lifecycle_event !== entry) return;
  const taken = Object.keys(table).filter((name) => env[configName(name)] !== void 0 && !isNpmsOwn(name));
  if (taken.length === 0) return;
  const bare = argv.filter((arg) => !arg.startsWith("-"));
  const flags2 = taken.map((name) => {
    const value = env[configName(name)];
    const { placeholder = "" } = table[name] ?? {};
    if (placeholder === "") return `--${name}`;
    return `--${name} ${value !== "true" ? value : taken.length === 1 && bare.length === 1 ? bare[0] : placeholder}`;
  });
  const details = [{ label: "write", text: `npm run ${entry} -- ${flags2.join(" ")}` }];
  throw new UsageError(`npm used --${taken.join(" and --")} itself: a "--" is missing before the flags`, details);
}
function configName(flag) {
  return `npm_config_${flag.replaceAll("-", "_")}`;
}
function isNpmsOwn(flag) {
  return flag === "workspace" || flag === "tag" || flag === "dry-run";
}

// packages/io/src/script.ts
var PROJECT_ROOT = path.resolve(path.dirname(fileURLToPath(import_meta_url)), "../../..");
function helpText(spec2) {
  const outputs = Object.entries(spec2.outputs ?? {});
  const width = Math.max(0, ...outputs.map(([key]) => key.length));
  return [
    `${spec2.command} [FLAGS]`,
    "",
    spec2.purpose,
    "",
    "Flags:",
    describeFlags(spec2.flags),
    ...outputs.length === 0 ? [] : ["", "Prints:", ...outputs.map(([key, text]) => `  ${key.padEnd(width)}  ${text}`)],
    ...(spec2.notes ?? []).flatMap((note) => ["", note]),
    "",
    spec2.examples.length === 1 ? "Example:" : "Examples:",
    ...spec2.examples.map((example) => `  ${example}`),
    ""
  ].join("\n");
}
async function runScript(spec2, argv, io, body) {
  try {
    refuseForgottenDashes(spec2.flags, spec2.command, { argv, env: io.env });
    const flags2 = parseFlags(spec2.flags, argv, { cwd: io.cwd, projectRoot: PROJECT_ROOT });
    if (flags2 === HELP_REQUESTED) {
      io.stdout.write(helpText(spec2));
      return EXIT.ok;
    }
    return await body(flags2);
  } catch (error) {
    const cause = io.signal.aborted && io.signal.reason instanceof InterruptedError ? io.signal.reason : error;
    const code = exitCodeOf(cause);
    io.stderr.write(describeError(cause, code));
    return code;
  }
}
async function answerFlags(spec2, argv) {
  let areRight = false;
  const io = {
    cwd: process.cwd(),
    env: process.env,
    signal: new AbortController().signal,
    now: () => /* @__PURE__ */ new Date(),
    stdout: { write: (text) => void process.stdout.write(text), columns: 80, hasColors: false },
    stderr: { write: (text) => void process.stderr.write(text), isTerminal: false, columns: 80 }
  };
  const exitCode = await runScript(spec2, argv, io, async () => {
    areRight = true;
    return EXIT.ok;
  });
  return areRight ? void 0 : exitCode;
}
var MEANING_OF_EXIT = {
  [EXIT.gate]: "a gate says no",
  [EXIT.unjudged]: "could not be judged",
  [EXIT.usage]: "usage",
  [EXIT.data]: "input data wrong",
  [EXIT.service]: "a service failed",
  [EXIT.internal]: "a bug of this program",
  [EXIT.output]: "an output cannot be made",
  [EXIT.interrupted]: "interrupted; finished work is kept",
  [EXIT.terminated]: "terminated; finished work is kept"
};
var BUNDLES = "/node_modules/.cache/forgebench/";
var SHOW_SOURCES = {
  label: "try",
  text: "the same with NODE_OPTIONS=--enable-source-maps, which names the lines of the sources"
};
function describeError(error, exitCode) {
  const stack = exitCode === EXIT.internal && error instanceof Error ? `${error.stack ?? ""}
` : "";
  const details = [...detailsOf(error), ...stack.includes(BUNDLES) ? [SHOW_SOURCES] : []];
  const width = Math.max(0, ...details.map((detail) => detail.label.length));
  const lines = [
    `error: ${messageOf(error)}`,
    ...details.map((detail) => `  ${detail.label.padEnd(width)}   ${detail.text}`),
    `exit ${exitCode} (${MEANING_OF_EXIT[exitCode] ?? "failed"})`
  ];
  return `${printable(stack + lines.join("\n"))}
`;
}
function detailsOf(error) {
  if (typeof error !== "object" || error === null || !("details" in error) || !Array.isArray(error.details)) return [];
  return error.details.filter(isDetail);
}
function isDetail(value) {
  if (typeof value !== "object" || value === null || !("label" in value) || !("text" in value)) return false;
  return typeof value.label === "string" && typeof value.text === "string";
}

// packages/io/src/flag-kinds.ts
import path2 from "node:path";
function make(kind, options, presence) {
  return {
    description: options.description,
    placeholder: kind.placeholder,
    ..."shown" in presence && presence.shown !== void 0 ? { shownDefault: presence.shown } : {},
    required: "required" in presence,
    parse: kind.parse,
    fallback: (context) => {
      if ("required" in presence) throw new Error("is required");
      return presence.fallback(context);
    }
  };
}
var pathKind = {
  parse: (text, context) => {
    if (text === "") throw new Error("is empty\na path");
    if (/[\u0000-\u001f\u007f]/.test(text)) throw new Error("holds a control character\na path on one line");
    return path2.resolve(context.cwd, text);
  }
};
function pathFlag(options) {
  return make({ ...pathKind, placeholder: options.placeholder ?? "PATH" }, options, {
    shown: options.fallback,
    fallback: (context) => path2.resolve(context.projectRoot, options.fallback)
  });
}
function optionalPath(options) {
  return make({ ...pathKind, placeholder: options.placeholder ?? "PATH" }, options, {
    fallback: () => void 0
  });
}
function textKind(options) {
  return {
    placeholder: options.placeholder ?? "TEXT",
    parse: (text) => {
      if (text === "") throw new Error(`is empty
${options.expected ?? "a text"}`);
      if (options.pattern !== void 0 && !options.pattern.test(text)) {
        throw new Error(`has the wrong form
${options.expected ?? String(options.pattern)}`);
      }
      return text;
    }
  };
}
function listFlag(options) {
  const item = textKind(options);
  return make(
    {
      placeholder: options.placeholder ?? "A,B,\u2026",
      parse: (text) => {
        const parts = text.split(",").map((part) => part.trim());
        if (parts.length > 1 && parts.includes("")) throw new Error("has an empty part\na comma-separated list");
        return parts.map((part) => item.parse(part));
      }
    },
    options,
    { shown: options.shown ?? options.fallback.join(","), fallback: () => options.fallback }
  );
}
function numberKind(options, whole) {
  const expected = `${whole ? "a whole number" : "a number"} from ${options.min} to ${options.max} (${options.unit})`;
  return {
    placeholder: options.placeholder ?? "N",
    parse: (text) => {
      if (!/^[+-]?(\d+(\.\d+)?|\.\d+)$/.test(text)) throw new Error(`is not a number
${expected}`);
      const value = Number(text);
      if (value < options.min || value > options.max) throw new Error(`is out of range
${expected}`);
      if (whole && !Number.isInteger(value)) throw new Error(`is not a whole number
${expected}`);
      return value;
    }
  };
}
function integerFlag(options) {
  return make(numberKind(options, true), options, {
    shown: String(options.fallback),
    fallback: () => options.fallback
  });
}
function optionalInteger(options) {
  return make(numberKind(options, true), options, { fallback: () => void 0 });
}
function optionalNumber(options) {
  return make(numberKind(options, false), options, { fallback: () => void 0 });
}
function choiceFlag(options) {
  const kind = {
    placeholder: options.choices.join("|"),
    parse: (text) => {
      const found = options.choices.find((choice) => choice === text);
      if (found === void 0) throw new Error(`is not one of the choices
${options.choices.join(", ")}`);
      return found;
    }
  };
  return make(kind, options, { shown: options.fallback, fallback: () => options.fallback });
}
function switchFlag(options) {
  return make({ placeholder: "", parse: () => true }, options, { fallback: () => false });
}

// scripts/launcher/quickstart-flags.ts
var flags = {
  "cli-path": optionalPath({ placeholder: "FILE", description: "the CLI to measure; default: the reference subject" }),
  "base-cli-path": optionalPath({
    placeholder: "FILE",
    description: "the CLI to compare it with; default: the same file, so that nothing should be found"
  }),
  suite: pathFlag({ placeholder: "FILE", fallback: "suites/imageforge.yaml", description: "how the CLI is run" }),
  "sources-dir": optionalPath({
    placeholder: "DIR",
    description: "a folder of your own pictures, mixed into the dataset"
  }),
  count: integerFlag({ min: 1, max: 1e5, unit: "images", fallback: 6, description: "synthetic images to make" }),
  tier: integerFlag({ min: 1, max: 1e5, unit: "images", fallback: 3, description: "images of the tier to run on" }),
  profiles: listFlag({ fallback: [], shown: "the first of the suite", description: "profiles of the suite" }),
  scenarios: listFlag({
    fallback: [],
    shown: "the first and the last, all with --profiles or --cell",
    description: "scenarios of the suite"
  }),
  cell: listFlag({
    fallback: [],
    shown: "all",
    placeholder: "ID",
    description: "only this cell, PROFILE/SCENARIO/PHASE; several with commas"
  }),
  "max-blocks": integerFlag({
    min: 13,
    max: 1e3,
    unit: "blocks",
    fallback: 40,
    description: "the most blocks of a cell, each a run of both arms; a cell ends when it is decided"
  }),
  "time-budget-minutes": optionalNumber({
    min: 0.1,
    max: 1e5,
    unit: "minutes",
    description: "minutes for measuring; then open cells stay undecided; default: so many that all ends within 3 minutes"
  }),
  "run-count": optionalInteger({
    min: 2,
    max: 1e3,
    unit: "runs",
    description: "instead: the fixed protocol, with this many runs of each profile, scenario and arm, judged by thresholds"
  }),
  seed: integerFlag({
    min: 0,
    max: 4294967295,
    unit: "a seed",
    fallback: 20260215,
    description: "the seed of the dataset"
  }),
  mode: choiceFlag({
    choices: ["advisory", "strict"],
    fallback: "advisory",
    description: "advisory: exit 0 for every verdict; strict: 2 for a regression, 3 if something could not be judged"
  }),
  resume: switchFlag({ description: "continue a measurement that was interrupted, with the same flags" }),
  workspace: pathFlag({ fallback: ".tmp/bench/quickstart", description: "where the steps put their files" })
};
var spec = {
  command: "npm run bench --",
  purpose: "Runs the whole benchmark: makes a dataset, measures two arms of a CLI, compares, reports, exports a snapshot.",
  flags,
  notes: [
    "Without flags the reference subject is compared with itself: a check of the measurement, since nothing should be found.\nAnother CLI needs a suite file that says how to call it: suites/imageforge.yaml is the example, docs/artifacts/suite.md\nthe reference. A suite without a {cli} or images is measured by npm run bench:run -- --suite FILE --workspace DIR.",
    "Larger: --count 600 --tier 200 --profiles P1,P2,P3 --time-budget-minutes 600 takes hours, as a night does. Each step is\na script of its own: scripts/README.md lists them, docs/runbook.md shows them in use."
  ],
  examples: [
    "npm run bench",
    "npm run bench -- --cli-path ../new/cli.js --base-cli-path ../old/cli.js",
    "npm run bench -- --cell P1/batch-all/warm --time-budget-minutes 1",
    "npm run bench -- --sources-dir ~/Pictures/holiday"
  ]
};

// scripts/launcher/preflight.ts
function answerQuickstartFlags(argv) {
  return answerFlags(spec, argv);
}
export {
  answerQuickstartFlags
};
