import { expect, it } from "vitest";
import { checkFixtures } from "./check-fixtures.ts";
import { madeUpTree } from "./test-helpers.ts";

const ONE = "fixtures/scripts/make/one";
const COMPLETE = {
  "scripts/bench/make.ts": "",
  [`${ONE}/args`]: "",
  [`${ONE}/input/deep/file.json`]: "{}",
  [`${ONE}/expected.stdout`]: "",
  [`${ONE}/expected.stderr`]: "",
  [`${ONE}/expected.exit`]: "64\n",
};

const messages = (files: Readonly<Record<string, string>>) =>
  checkFixtures(madeUpTree(files)).map(({ file, message }) => `${file} ${message}`);

it("accepts complete situations of scripts that exist, and no situations at all", () => {
  expect(messages(COMPLETE)).toEqual([]);
  expect(messages({ ...COMPLETE, [`${ONE}/expected.files/out.json`]: "{}" })).toEqual([]);
  expect(messages({})).toEqual([]);
});

it.each<[string, Record<string, string>, string]>([
  [
    "a file beside the situations",
    { "fixtures/scripts/make/notes.md": "" },
    "fixtures/scripts/make/notes.md is used by no test",
  ],
  ["a file that nobody reads", { [`${ONE}/expected.output`]: "" }, `${ONE}/expected.output is used by no test`],
  ["an exit that is no number", { [`${ONE}/expected.exit`]: "ok" }, `${ONE} expected.exit is not a number`],
  [
    "a half situation",
    { "fixtures/scripts/make/two/args": "" },
    "fixtures/scripts/make/two lacks expected.stdout, expected.stderr, expected.exit",
  ],
  [
    "a script that does not exist",
    { "fixtures/scripts/gone/one/args": "" },
    'fixtures/scripts/gone/one belongs to the script "gone", which does not exist',
  ],
])("refuses %s", (_, files, problem) => {
  expect(messages({ ...COMPLETE, ...files })).toEqual([problem]);
});
