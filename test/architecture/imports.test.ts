import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const packages = join(__dirname, "../../packages");

/** Who may import whom: arrows only point down (docs/architecture.md). */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  transport: ["protocol"],
  data: ["protocol"],
  engine: ["protocol"],
  collective: ["transport", "protocol"],
  coordinator: ["transport", "protocol", "data"],
  worker: ["collective", "transport", "protocol", "coordinator"],
  train: ["worker", "data", "engine", "protocol"],
  tsmpi: [
    ...["train", "worker", "collective", "transport", "data", "engine"],
    "protocol",
  ],
};

interface Import {
  readonly file: string;
  readonly of: string;
  /** Erased by the compiler. */
  readonly isType: boolean;
  /** Runs when the code comes to it, not when the file is loaded. */
  readonly isLazy: boolean;
}

function importsOf(name: string): Import[] {
  const source = join(packages, name, "src");
  return readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.m?ts$/.test(file) && !file.includes(".test."))
    .flatMap((file) => {
      const text = readFileSync(join(source, file), "utf8");
      const statements = text.matchAll(
        /^(?:import|export)\s(?<type>type\s)?[^;]*?from\s"(?<of>[^"]+)"|\b(?<lazy>import|require|resolve)\(\s*"(?<lazyOf>[^"]+)"/gm,
      );
      return [...statements].map(({ groups }) => ({
        file,
        of: (groups!.of ?? groups!.lazyOf)!,
        isType: groups!.type !== undefined,
        isLazy: groups!.lazy !== undefined,
      }));
    });
}

const siblingOf = (specifier: string): string | null =>
  specifier.startsWith("@tsmpi/") ? specifier.split("/")[1]! : null;

describe("imports", () => {
  test("are checked for every package", () => {
    expect(Object.keys(MAY_IMPORT).sort()).toEqual(
      readdirSync(packages).sort(),
    );
  });

  test.each(Object.keys(MAY_IMPORT))("of %s point down", (name) => {
    const upward = importsOf(name).filter(({ of }) => {
      const sibling = siblingOf(of);
      return sibling !== null && !MAY_IMPORT[name]!.includes(sibling);
    });
    expect(upward).toEqual([]);
  });

  test.each(Object.keys(MAY_IMPORT))(
    "of %s across packages go through the other's public face",
    (name) => {
      const threadEntry = "@tsmpi/coordinator/dist/thread.js";
      const inside = importsOf(name).filter(
        ({ of }) => siblingOf(of) && of.split("/").length > 2,
      );
      expect(inside.filter(({ of }) => of !== threadEntry)).toEqual([]);
    },
  );

  test("of worker load the coordinator lazily", () => {
    const eager = importsOf("worker").filter(
      ({ of, isType, isLazy }) =>
        siblingOf(of) === "coordinator" && !isType && !isLazy,
    );
    expect(eager).toEqual([]);
  });

  test("of the launch path load nothing but protocol", () => {
    const publicFace = ["index.ts", "errors.ts"];
    // Each file is loaded when its subcommand is called.
    const isSubcommand = (file: string) =>
      /^(commands\/(?!run|index)|doctor\/|bench\/|data\/)/.test(file);
    const eager = importsOf("tsmpi").filter(
      ({ file, of, isType, isLazy }) =>
        !publicFace.includes(file) &&
        !isSubcommand(file) &&
        siblingOf(of) !== null &&
        siblingOf(of) !== "protocol" &&
        !isType &&
        !isLazy,
    );
    expect(eager).toEqual([]);
  });

  test("of worker's two threads never cross: both know only the bridge", () => {
    const crossing = importsOf("worker").filter(
      ({ file, of }) =>
        (file.startsWith("main-thread") &&
          of.includes("communication-thread")) ||
        (file.startsWith("communication-thread") && of.includes("main-thread")),
    );
    expect(crossing).toEqual([]);
  });

  test("of a registry's members name neither each other nor the registry", () => {
    const members = [
      ["collective", "algorithms"],
      ["data", "formats"],
      ["coordinator", "services"],
      ["engine", "engines"],
      ["train", "datasets/modes"],
      ["tsmpi", "commands"],
      ["tsmpi", "bench/benchmarks"],
      ["tsmpi", "data/subcommands"],
      ["tsmpi", "data/downloads/datasets"],
    ] as const;
    for (const [name, folder] of members) {
      const sideways = importsOf(name).filter(
        ({ file, of }) =>
          file.startsWith(`${folder}/`) &&
          file !== `${folder}/index.ts` &&
          of.startsWith("./"),
      );
      expect(sideways).toEqual([]);
    }
  });
});
