/**
 * Which module system a `.ts` file is written for, where its package.json does not say `"type": "module"`.
 *
 * The program itself stays CommonJS, as TypeScript would compile it there, unless CommonJS cannot express it: top-level await,
 * `import.meta`. What an ES module imports is one too if it has `import` or `export`: its default export is then what it seems.
 *
 * Hooks in front of tsx's: they see its answer, and change `commonjs` to `module` where that is so.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

interface Compiled {
  readonly code: string;
  readonly warnings: readonly { readonly text: string }[];
}
interface Resolved {
  readonly url: string;
  readonly format?: string | null;
}
interface Loaded {
  readonly format?: string | null;
  readonly source?: string | ArrayBuffer | NodeJS.TypedArray | null;
}
interface Context {
  readonly parentURL?: string;
  readonly conditions?: readonly string[];
}
type Next<Answer> = (subject: string, context: Context) => Answer;

// tsx's own esbuild, so that both share one compiler process.
const ownRequire = createRequire(import.meta.url);
const esbuild = createRequire(ownRequire.resolve("tsx"))("esbuild") as {
  transform(source: string, options: object): Promise<Compiled>;
  transformSync(source: string, options: object): Compiled;
};

/** Files that these hooks have made modules. */
const turned = new Set<string>();

/** For `module.register`: hooks on a thread of their own. */
export async function resolve(
  specifier: string,
  context: Context,
  next: Next<Promise<Resolved>>,
): Promise<Resolved> {
  const resolved = await next(specifier, context);
  const question = ask(resolved, context);
  if (question === null) return resolved;
  if (question === "module") return asModule(resolved);
  const answer = await esbuild
    .transform(question.source, question.options)
    .then(question.isModule, isTopLevelAwait);
  return answer ? asModule(resolved) : resolved;
}

export async function load(
  url: string,
  context: Context,
  next: Next<Promise<Loaded>>,
): Promise<Loaded> {
  return withCommonJsWords(url, await next(url, context));
}

/** The same for `module.registerHooks`: hooks on the thread that imports. */
export function resolveSync(
  specifier: string,
  context: Context,
  next: Next<Resolved>,
): Resolved {
  const resolved = next(specifier, context);
  const question = ask(resolved, context);
  if (question === null) return resolved;
  if (question === "module") return asModule(resolved);
  let answer: boolean;
  try {
    answer = question.isModule(
      esbuild.transformSync(question.source, question.options),
    );
  } catch (error) {
    answer = isTopLevelAwait(error);
  }
  return answer ? asModule(resolved) : resolved;
}

export function loadSync(
  url: string,
  context: Context,
  next: Next<Loaded>,
): Loaded {
  return withCommonJsWords(url, next(url, context));
}

interface Question {
  readonly source: string;
  readonly options: object;
  readonly isModule: (compiled: Compiled) => boolean;
}

/** null where there is nothing to ask: no `.ts` file, not CommonJS, a `require`, or no word of a module in it. */
function ask(
  { url, format }: Resolved,
  { parentURL, conditions }: Context,
): Question | "module" | null {
  if (format !== "commonjs" && format !== "commonjs-typescript") return null;
  if (conditions?.includes("require") && !conditions.includes("import"))
    return null;
  const [path = ""] = plainUrl(url).split(/[?#]/, 1);
  const loader = /^file:(?!.*\/node_modules\/).*\.(tsx?)$/.exec(path)?.[1];
  if (loader === undefined) return null;
  const source = readFileSync(fileURLToPath(path), "utf8");
  const options = { loader, logLevel: "silent" };
  if (parentURL === undefined) {
    if (UNINDENTED_AWAIT.test(source)) return "module";
    if (!/\bawait\b|\bimport\s*\.\s*meta\b/.test(source)) return null;
    return {
      source,
      // Fails on top-level await, warns of import.meta.
      options: { ...options, format: "cjs" },
      isModule: ({ warnings }) =>
        warnings.some(({ text }) => text.includes("import.meta")),
    };
  }
  return /\b(import|export|await)\b/.test(source)
    ? {
        source,
        // Types go, statements stay, each at the beginning of a line.
        options,
        isModule: ({ code }) =>
          /^(import|export)\b(?!\s*[(.=])|^(await|for await)\b/m.test(code),
      }
    : null;
}

/** Almost surely top-level await, and no compiler needs to be started to know. */
const UNINDENTED_AWAIT =
  /^(?:(?:export\s+)?(?:const|let|var)\s[^=;]*=\s*|for\s+)?await\b/m;

/** Any other mistake in the file is tsx's to report. */
const isTopLevelAwait = (error: unknown): boolean =>
  /top-level await/i.test(String(error));

/** Without tsx's marks on what it would compile to CommonJS. */
const plainUrl = (url: string): string =>
  url.replace(/(?:%3F|[?&])tsx-commonjs-[^&?#]*/g, "");

function asModule(resolved: Resolved): Resolved {
  const url = plainUrl(resolved.url);
  turned.add(url);
  return { ...resolved, url, format: "module" };
}

const WORDS = ["require", "__filename", "__dirname"];

/**
 * Gives a file that was turned into a module the words of CommonJS that it uses. They come as an import at its end: imports
 * hold for the whole file, and the source map, which tsx has made, still fits.
 */
function withCommonJsWords(url: string, loaded: Loaded): Loaded {
  if (!turned.has(url) || !loaded.source || loaded.format !== "module")
    return loaded;
  const code =
    typeof loaded.source === "string"
      ? loaded.source
      : new TextDecoder().decode(loaded.source);
  const [statements = code] = code.split("\n//# sourceMappingURL=", 1);
  const missing = WORDS.filter(
    (word) => isUsed(word, statements) && !isDeclared(word, statements),
  );
  if (missing.length === 0) return loaded;
  const file = fileURLToPath(url.split(/[?#]/, 1)[0]!);
  const words = [
    'import { createRequire } from "node:module";',
    `export const require = createRequire(${JSON.stringify(file)});`,
    `export const __filename = ${JSON.stringify(file)};`,
    `export const __dirname = ${JSON.stringify(dirname(file))};`,
  ].join("");
  return {
    ...loaded,
    source: `${code}\nimport{${missing.join()}}from"data:text/javascript,${encodeURIComponent(words)}";`,
  };
}

const isUsed = (word: string, code: string): boolean =>
  new RegExp(`(?<![.\\w$])${word}\\b`).test(code);

const isDeclared = (word: string, code: string): boolean =>
  new RegExp(
    `\\b(?:const|let|var|function|as)\\s+${word}\\b|\\{[^{}()]*\\b${word}\\b[^{}()]*\\}\\s*(?:=|from)`,
  ).test(code);
