import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { apportion, apportionTable } from "./apportion.ts";

const weights = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 6 });

describe("apportion", () => {
  it("gives the shares of the dataset for round and odd counts", () => {
    expect(apportion(800, [65, 25, 5, 5])).toEqual([520, 200, 40, 40]);
    expect(apportion(30, [65, 25, 5, 5])).toEqual([20, 8, 1, 1]);
    expect(apportion(1, [65, 25, 5, 5])).toEqual([1, 0, 0, 0]);
    expect(apportion(0, [65, 25])).toEqual([0, 0]);
  });

  it("sums to the count and keeps every part within one of its share", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5000 }), weights, (count, shares) => {
        const parts = apportion(count, shares);
        const sum = shares.reduce((a, b) => a + b, 0);
        expect(parts.reduce((a, b) => a + b, 0)).toBe(count);
        for (const [index, part] of parts.entries()) {
          expect(Math.abs(part - (count * (shares[index] ?? 0)) / sum)).toBeLessThan(1);
        }
      }),
    );
  });
});

describe("apportionTable", () => {
  it("meets both margins and rounds every cell down or up", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3000 }), weights, weights, (count, rowWeights, columnWeights) => {
        const rows = apportion(count, rowWeights.slice(0, 3));
        const columns = apportion(count, columnWeights.slice(0, 4));
        const table = apportionTable(rows, columns);
        expect(table.map((cells) => cells.reduce((a, b) => a + b, 0))).toEqual(rows);
        expect(columns.map((_, column) => table.reduce((sum, cells) => sum + (cells[column] ?? 0), 0))).toEqual(
          columns,
        );
        for (const [row, cells] of table.entries()) {
          for (const [column, cell] of cells.entries()) {
            const exact = ((rows[row] ?? 0) * (columns[column] ?? 0)) / Math.max(1, count);
            expect(Math.abs(cell - exact)).toBeLessThan(1);
          }
        }
      }),
    );
  });
});
