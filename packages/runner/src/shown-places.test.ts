import { expect, it } from "vitest";
import { shownPlaces } from "./bench-folder.ts";

const build = { folder: "/home/al/project/dist", nodeModules: ["/home/al/project/node_modules"] };
const shown = (text: string, home: string) =>
  shownPlaces("/data/run", { head: build } as unknown as Parameters<typeof shownPlaces>[1], home).reduce(
    (result, [folder, name]) => result.replaceAll(folder, name),
    text,
  );

it.each([
  ["/data/run/out", "/home/al", "out"],
  ["at /home/al/project/dist/cli.js:1", "/home/al", "at head-build/cli.js:1"],
  ["at /home/al/project/node_modules/sharp/x.js", "/home/al", "at head-project/node_modules/sharp/x.js"],
  ["/home/al/.npmrc", "/home/al", "~/.npmrc"],
  ["/home/alice/x", "/home/al", "/home/alice/x"],
  ["/usr/bin/x", "/", "/usr/bin/x"],
  ["/usr/bin/x", "", "/usr/bin/x"],
])("%s with the home %j is shown as %s", (text, home, expected) => {
  expect(shown(text, home)).toBe(expected);
});
