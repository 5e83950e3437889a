import { expect, it } from "vitest";
import { nearestName, slippedName } from "./index.ts";

it("nearestName takes two swapped letters for one mistake, and nothing that is far", () => {
  expect(nearestName("slepe", ["step", "sleep"])).toBe("sleep");
  expect(nearestName("wal", ["cpu", "wall"])).toBe("wall");
  expect(nearestName("temperature", ["wall", "cpu"])).toBeUndefined();
});

it.each([
  ["prepar", "prepare"],
  ["haed", "head"],
  ["agrv", "argv"],
  ["equivalence_pct", "equivalencePct"],
  ["Profiles", "profiles"],
  ["scenarois", "scenarios"],
  ["ID", "id"],
])("slippedName finds what %s is meant to be", (name, meant) => {
  expect(slippedName(name, ["id", "name", "head", "argv", "profiles", "scenarios", "prepare", "equivalencePct"])).toBe(
    meant,
  );
});

it.each(["note", "team", "kind", "owner", "tags", "x", "is", "base"])(
  "slippedName leaves %s as a word of its own",
  (name) => {
    expect(slippedName(name, ["id", "name", "head", "argv", "profiles", "scenarios", "prepare"])).toBeUndefined();
  },
);
