import { execFileSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { confidenceSequence, median, SeededRandom, SignBet } from "@forgebench/stats";
import { describe, expect, it } from "vitest";
import {
  ALPHA,
  alternativesOf,
  DEFAULT_MARGINS,
  INTERVAL_ALPHA,
  ruleOf,
  SAME_ALPHA,
  SAME_MAX_CHANGE_WEALTH,
  SAME_MIN_BLOCKS,
  SHARES,
  sameAlternatives,
} from "./rules.ts";
import { judgeDifferences } from "./ways/judge-differences.ts";

/** `UPDATE_GOLDEN=1` writes the computed part of the page anew; read the difference, and the prose about it. */
const PAGE = new URL("../../../docs/statistics.md", import.meta.url);
const page = readFileSync(PAGE, "utf8");
const rule = ruleOf("primary", 24, DEFAULT_MARGINS);
const COMPUTED = /<!-- computed from base ms and head ms -->\n\n([\s\S]*?)\n<!-- computed: end -->/;

const rows = tableRows(page.match(COMPUTED)?.[1] ?? "").filter(({ length }) => length === 10);
const differences = rows.map(([, , , base, head]) => Math.log(Number(head) / Number(base)));

function tableRows(markdown: string): string[][] {
  const lines = markdown.split("\n").filter((line) => /^\| (?!---|block )/.test(line));
  return lines.map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** The four gamblers of a cell: what each bets on, and what it expects. */
const gamblers = [
  { of: (d: number) => d, expects: alternativesOf(rule.margin) },
  { of: (d: number) => -d, expects: alternativesOf(rule.margin) },
  { of: (d: number) => rule.margin - d, expects: sameAlternatives(rule.margin) },
  { of: (d: number) => d + rule.margin, expects: sameAlternatives(rule.margin) },
];

function wealths({ of, expects }: (typeof gamblers)[number]): number[] {
  const bet = new SignBet(expects);
  return differences.map((difference) => {
    bet.add(of(difference));
    return Math.exp(bet.logWealth);
  });
}

const signed = (value: number, digits: number) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(digits)}`;
const inPct = (log: number | null) => `${signed(100 * Math.expm1(log ?? Number.NaN), 1)} %`;
const shown = (wealth: number) => String(Number(wealth.toPrecision(3)));
const whole = (value: number) => Math.round(value).toLocaleString("en-US");

function computedPart(): string {
  const columns = gamblers.map(wealths);
  const { direction, decidedAfterBlocks } = judgeDifferences(differences, rule);
  const verdict = { higher: "regressed", lower: "improved", same: "same", open: "undecided" }[direction];
  const options = { alpha: INTERVAL_ALPHA, alternatives: alternativesOf(rule.margin) };
  const { low, high } = confidenceSequence(differences, options);
  const lines = rows.map((row, index) => [
    ...row.slice(0, 5),
    signed(differences[index] ?? Number.NaN, 4),
    ...columns.map((column) => shown(column[index] ?? Number.NaN)),
  ]);
  return [
    "| block | first | head in | base ms | head ms | d | slower | faster | < +5 % | > −5 % |",
    "| ---: | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ...lines.map((cells) => `| ${cells.join(" | ")} |`),
    "",
    "| result | value |",
    "| --- | --- |",
    `| wealth needed | ${whole(Math.exp(rule.logNeeded))} |`,
    `| verdict | \`${verdict}\`, after block ${decidedAfterBlocks} |`,
    `| median change | ${inPct(median(differences))} |`,
    `| interval, ${100 * (1 - INTERVAL_ALPHA)} % | ${inPct(low)} to ${inPct(high)} |`,
    "",
  ].join("\n");
}

describe("the worked example of docs/statistics.md", () => {
  it("is what the rules make of its times", () => {
    expect(rows).toHaveLength(15);
    const computed = computedPart();
    if (process.env.UPDATE_GOLDEN === "1") {
      const [whole = ""] = page.match(COMPUTED) ?? [];
      writeFileSync(PAGE, page.replace(whole, whole.replace(page.match(COMPUTED)?.[1] ?? "", computed)));
      return;
    }
    expect(page.match(COMPUTED)?.[1]).toBe(computed);
  });

  it("has the coins of its order seed", () => {
    const seed = page.match(/order seed `([0-9a-f]{32})`/)?.[1] ?? "";
    const coins = rows.map((_, block) => {
      const bytes = createHmac("sha256", seed).update(`block\nP1/single-large/cold\n${block}`).digest();
      return [bytes.readUInt8(0) % 2 === 0 ? "head" : "base", bytes.readUInt8(1) % 2 === 0 ? "A" : "B"];
    });
    expect(rows.map((row) => row.slice(1, 3))).toEqual(coins);
  });

  it("says of block 1 what its program computes, as of every block", () => {
    const program = page.match(/```js\n([\s\S]*?)```/)?.[1] ?? "";
    const calls = ["d, change", "-d, change", "margin - d, same", "d + margin, same"].map((call) => {
      const [of, expects] = call.split(", ");
      return `wealths(${JSON.stringify(differences)}.map((d) => ${of}), ${expects})`;
    });
    const script = `${program}console.log(JSON.stringify([${calls.join(", ")}]));`;
    const printed: number[][] = JSON.parse(
      execFileSync(process.execPath, ["--input-type=module", "--eval", script], { encoding: "utf8" }),
    );
    for (const [column, gambler] of gamblers.entries()) {
      const own = wealths(gambler);
      expect(printed[column]).toHaveLength(own.length);
      for (const [block, wealth] of own.entries()) expect((printed[column]?.[block] ?? 0) / wealth).toBeCloseTo(1, 9);
    }
    const [, forward, mirrored, factor] =
      page.match(/is 2 · ([\d.]+) \/ \([\d.]+ \+ ([\d.]+)\) = (\d+\.\d+)/)?.map(Number) ?? [];
    expect((2 * (forward ?? 0)) / ((forward ?? 0) + (mirrored ?? 0))).toBeCloseTo(factor ?? 0, 2);
    expect(factor).toBeCloseTo(printed[0]?.[0] ?? 0, 2);
  });
});

describe("isSame of docs/statistics.md", () => {
  it("says the same as the rules, also of noise that leaves more than the margin", () => {
    const random = new SeededRandom("statistics-example");
    const nights = Array.from({ length: 40 }, (_, night) =>
      Array.from({ length: 20 }, () => {
        const jump = night % 2 === 0 && random.chance(0.3) ? 0.3 * (random.chance(0.5) ? 1 : -1) : 0;
        return 0.02 * (random.uniform() - 0.5) + jump;
      }),
    );
    const program = page.match(/```js\n([\s\S]*?)```/)?.[1] ?? "";
    const script = `${program}
      const first = (night) => night.findIndex((_, index) => isSame(night.slice(0, index + 1))) + 1;
      console.log(JSON.stringify(${JSON.stringify(nights)}.map(first)));`;
    const printed: number[] = JSON.parse(
      execFileSync(process.execPath, ["--input-type=module", "--eval", script], { encoding: "utf8" }),
    );
    const judged = nights.map((night) => {
      const { direction, decidedAfterBlocks } = judgeDifferences(night, rule);
      return direction === "same" ? decidedAfterBlocks : 0;
    });
    expect(printed).toEqual(judged);
    expect(new Set(judged).size).toBeGreaterThan(2);
  });
});

describe("the numbers of docs/statistics.md", () => {
  it.each(["primary", "secondary", "null", "planted"] as const)("are those of the family %s", (name) => {
    const row = tableRows(page).find(([first, share]) => first === name && share?.includes("%")) ?? [];
    const [, share, members, needed, signs] = row.map((cell) => Number(cell.replace(/ %.*|,/g, "")));
    const { logNeeded } = ruleOf(name, members ?? 0, DEFAULT_MARGINS);
    expect(share).toBeCloseTo(100 * SHARES[name], 9);
    expect(needed).toBe(Math.round(Math.exp(logNeeded)));
    expect(signs).toBe(Math.ceil(logNeeded / Math.LN2 - 1e-9));
  });

  it("are those of the rules", () => {
    expect(SHARES.null + SHARES.primary + SHARES.secondary).toBeCloseTo(ALPHA, 12);
    expect(page).toContain(`From block ${SAME_MIN_BLOCKS} on: \`same\``);
    expect(page).toContain(`two more gamblers both have ${1 / SAME_ALPHA} *now*`);
    expect(page).toContain(`while a gambler on a change has ${SAME_MAX_CHANGE_WEALTH} or more`);
    expect(page).toContain(`fewer than ${SAME_MIN_BLOCKS} whole blocks`);
    const expected = alternativesOf(rule.margin);
    const distances = expected
      .map(({ distance }) => distance / rule.margin)
      .map((factor) => (factor < 1 ? "½" : factor));
    expect(page).toContain(`δᵢ        = ${distances.join(", ")} times ln 1.05`);
    expect(page).toContain(`first believed with ${expected.map(({ weight }) => weight).join(", ")} `);
  });
});
