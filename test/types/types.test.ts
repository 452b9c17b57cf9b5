import { join } from "node:path";
import ts from "typescript";

/** What the compiler says of a program, strict, as a user's would be. */
function diagnosticsOf(file: string): string[] {
  const program = ts.createProgram([join(__dirname, file)], {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    types: ["node"],
    strict: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: true,
    noEmit: true,
  });
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ file, start, messageText }) => {
      const line = file
        ? file.getLineAndCharacterOfPosition(start!).line + 1
        : 0;
      return `line ${line}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
    });
}

test("the types of the public face promise what users rely on", () => {
  expect(diagnosticsOf("api.mts")).toEqual([]);
}, 60_000);
