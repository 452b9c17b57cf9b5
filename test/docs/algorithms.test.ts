import { readFileSync } from "node:fs";
import { join } from "node:path";
import { algorithmsTable, choicesTable } from "./algorithms-table";

test("docs/algorithms.md holds the tables that the declared costs and the choices give", () => {
  const text = readFileSync(
    join(__dirname, "../../docs/algorithms.md"),
    "utf8",
  );
  // prettier aligns the columns
  const cells = (table: string) =>
    table
      .split("\n")
      .filter((line) => line.startsWith("|") && !line.includes("---"))
      .map((line) => line.split("|").map((cell) => cell.trim()));
  expect(cells(text)).toEqual(
    cells([algorithmsTable(), choicesTable()].join("\n")),
  );
});
