import { expect, it } from "vitest";
import { shownPlaces } from "./shown-places.ts";
import { hidePlaces } from "./workspace-folder.ts";

const build = {
  folder: "/home/al/project/dist",
  nodeModules: ["/node_modules", "/home/al/node_modules", "/home/al/project/node_modules"],
};
const shown = (text: string, homeFolder: string, programFolder = "/opt/node 20/bin") =>
  hidePlaces(text, shownPlaces("/data/run", { head: build }, { homeFolder, programFolder }));

it.each([
  ["/data/run/out", "/home/al", "out"],
  ["cannot open '/data/run'", "/home/al", "cannot open '.'"],
  ["/data/runner/out /data/run.1/out /data/run-2", "/home/al", "/data/runner/out /data/run.1/out /data/run-2"],
  ["at /home/al/project/dist/cli.js:1", "/home/al", "at head-build/cli.js:1"],
  ["at file:///home/al/project/node_modules/sharp/x.js", "/home/al", "at file://head-project/node_modules/sharp/x.js"],
  ["/opt/node 20/bin/node: bad option", "/home/al", "node-bin/node: bad option"],
  ["/home/li/.npmrc", "/home/li/", "~/.npmrc"],
  ["HOME=/home/li, in /home/li.", "/home/li", "HOME=~, in ~."],
  ["/home/alice/x /home/al.ice", "/home/al", "/home/alice/x /home/al.ice"],
  ["/usr/bin/x", "/", "/usr/bin/x"],
  ["/usr/bin/x", "", "/usr/bin/x"],
  ["/usr/bin/x", "usr", "/usr/bin/x"],
])("%s with the home %j is shown as %s", (text, home, expected) => {
  expect(shown(text, home)).toBe(expected);
});

it("leaves the programs of the system alone", () => {
  expect(shown("/usr/bin/env: no node", "/home/al", "/usr/bin")).toBe("/usr/bin/env: no node");
});

it("shows of a path that a suite names its last part", () => {
  const places = shownPlaces("/data/run", {}, { homeFolder: "/home/al", foreign: ["/home/al/builds/new", "/data"] });
  const text = "/home/al/builds/new/tool --data=/data/x.bin /data/run/out /home/al/y";
  expect(hidePlaces(text, places)).toBe("…/tool --data=…/x.bin out ~/y");
});
