import type { Session } from "node:inspector";
import { ArgumentError } from "../errors";

export type AnyFunction = (...args: never[]) => unknown;

/** Where a function was defined, as V8 knows it. */
export interface FunctionPlace {
  /** Of the script: a `file:` URL for a module of the program. */
  readonly url: string;
  /** Kinds of the scopes around it, from the inside: `Module`, `Closure`, `Global` … */
  readonly scopes: readonly string[];
}

/** null for a function that is built in, or bound. */
export const placeOf = (fn: AnyFunction): FunctionPlace | null =>
  inspect(fn, (inspector, { internalProperties }) => {
    const location = internalProperties?.find(
      ({ name }) => name === "[[FunctionLocation]]",
    )?.value?.value as { readonly scriptId: string } | undefined;
    if (location === undefined) return null;
    return {
      url: inspector.urlOf(location.scriptId),
      scopes: scopesOf(inspector, internalProperties).map(
        ({ value }) => value?.description ?? "",
      ),
    };
  });

/** The functions that stand in variables of the ES module which `fn` was defined in, also while that module is still running. */
export const functionsBeside = (fn: AnyFunction): AnyFunction[] =>
  inspect(fn, (inspector, { internalProperties }) => {
    const module = scopesOf(inspector, internalProperties).find(
      ({ value }) => value?.description === "Module",
    );
    if (module?.value?.objectId === undefined) return [];
    return inspector
      .propertiesOf(module.value.objectId)
      .result.filter(({ value }) => value?.type === "function")
      .map(({ value }) => inspector.bringOut(value!.objectId!) as AnyFunction);
  });

interface RemoteObject {
  readonly type: string;
  readonly description?: string;
  readonly objectId?: string;
  readonly value?: unknown;
}
interface Property {
  readonly name: string;
  readonly value?: RemoteObject;
}
interface Properties {
  readonly result: readonly Property[];
  readonly internalProperties?: readonly Property[];
}

function scopesOf(
  inspector: Inspector,
  properties: Properties["internalProperties"],
): readonly Property[] {
  const id = properties?.find(({ name }) => name === "[[Scopes]]")?.value
    ?.objectId;
  return id === undefined ? [] : inspector.propertiesOf(id).result;
}

function inspect<T>(
  fn: AnyFunction,
  look: (inspector: Inspector, properties: Properties) => T,
): T {
  const inspector = new Inspector();
  try {
    return look(inspector, inspector.propertiesOf(inspector.bringIn(fn)));
  } finally {
    inspector.close();
  }
}

/** Values go to and from the inspector through this property of the global object. */
const EXCHANGE = "tsmpi.inspected";
const exchange = globalThis as unknown as Record<symbol, unknown>;
const slot = Symbol.for(EXCHANGE);

/** V8's own view of this thread. What is posted is answered before `post` returns. */
class Inspector {
  readonly #session: Session;
  #urls: Map<string, string> | null = null;

  constructor() {
    this.#session = newSession();
    this.#session.connect();
  }

  /** The script's URL; empty where it has none. */
  urlOf(scriptId: string): string {
    if (this.#urls === null) {
      const urls = new Map<string, string>();
      this.#urls = urls;
      this.#session.on("Debugger.scriptParsed", ({ params }) =>
        urls.set(params.scriptId, params.url),
      );
      this.#post("Debugger.enable");
      this.#post("Debugger.disable");
    }
    return this.#urls.get(scriptId) ?? "";
  }

  propertiesOf(objectId: string): Properties {
    return this.#post("Runtime.getProperties", {
      objectId,
      ownProperties: true,
    });
  }

  /** @returns the value's id */
  bringIn(value: unknown): string {
    exchange[slot] = value;
    const { result } = this.#post<{ result: RemoteObject }>(
      "Runtime.evaluate",
      { expression: `globalThis[Symbol.for("${EXCHANGE}")]` },
    );
    delete exchange[slot];
    return result.objectId!;
  }

  bringOut(objectId: string): unknown {
    this.#post("Runtime.callFunctionOn", {
      objectId,
      functionDeclaration: `function () { globalThis[Symbol.for("${EXCHANGE}")] = this; }`,
    });
    const value = exchange[slot];
    delete exchange[slot];
    return value;
  }

  close(): void {
    this.#session.disconnect();
  }

  #post<Result>(method: string, params: object = {}): Result {
    let answer: Result | undefined;
    const post = this.#session.post.bind(this.#session) as (
      method: string,
      params: object,
      callback: (error: Error | null, result: Result) => void,
    ) => void;
    post(method, params, (error, result) => {
      if (error) throw new Error(`${method}: ${error.message}`);
      answer = result;
    });
    return answer!;
  }
}

function newSession(): Session {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- a Node.js without it runs everything else
    const inspector = require("node:inspector") as {
      readonly Session: new () => Session;
    };
    return new inspector.Session();
  } catch (error) {
    throw new ArgumentError(
      "this Node.js has no inspector (node:inspector), from which a pool learns where a function was defined",
      { cause: error },
    );
  }
}
