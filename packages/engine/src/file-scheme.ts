import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { TensorFlow } from "./engine";

type ModelArtifacts = Parameters<
  TensorFlow["io"]["getModelArtifactsInfoForJSON"]
>[0];
type ModelJson = Parameters<TensorFlow["io"]["getModelArtifactsForJSON"]>[0];

const SCHEME = "file://";
const WEIGHTS = "weights.bin";

/**
 * `model.save("file://DIR")` and `tf.loadLayersModel("file://DIR/model.json")`, in the format of tfjs-node and of the browser:
 * model.json beside weights.bin. tfjs-node brings its own.
 */
export function registerFileScheme({ io }: TensorFlow): void {
  io.registerSaveRouter((url) =>
    isFile(url)
      ? { save: (artifacts) => save(io, pathOf(url), artifacts) }
      : (null as never),
  );
  io.registerLoadRouter((url) =>
    isFile(url) ? { load: () => load(io, pathOf(url)) } : (null as never),
  );
}

const isFile = (url: string | string[]): url is string =>
  typeof url === "string" && url.startsWith(SCHEME);

/** `file:///absolute` is a URL; `file://relative` is what tfjs-node's users write. */
const pathOf = (url: string): string =>
  url.startsWith("file:///")
    ? fileURLToPath(url)
    : resolve(url.slice(SCHEME.length));

async function save(
  io: TensorFlow["io"],
  directory: string,
  artifacts: ModelArtifacts,
) {
  if (artifacts.modelTopology instanceof ArrayBuffer)
    throw new Error("a binary model topology cannot be saved as model.json");
  const { weightSpecs, weightData, ...rest } = artifacts;
  const json: ModelJson = {
    ...rest,
    modelTopology: artifacts.modelTopology!,
    weightsManifest: [{ paths: [`./${WEIGHTS}`], weights: weightSpecs ?? [] }],
  };
  await mkdir(directory, { recursive: true });
  const weights = io.concatenateArrayBuffers(
    weightData === undefined ? [] : [weightData].flat(),
  );
  await writeWhole(join(directory, WEIGHTS), new Uint8Array(weights));
  await writeWhole(join(directory, "model.json"), JSON.stringify(json));
  return { modelArtifactsInfo: io.getModelArtifactsInfoForJSON(artifacts) };
}

/** Whoever reads the file finds the old one or the new one, never a half. */
async function writeWhole(
  path: string,
  content: string | Uint8Array,
): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, content);
  await rename(temporary, path);
}

async function load(
  io: TensorFlow["io"],
  path: string,
): Promise<ModelArtifacts> {
  const json = JSON.parse(await readFile(path, "utf8")) as ModelJson;
  return io.getModelArtifactsForJSON(json, async (manifest) => {
    const files = await Promise.all(
      manifest
        .flatMap(({ paths }) => paths)
        .map((file) => readFile(join(dirname(path), file))),
    );
    const specs = manifest.flatMap(({ weights }) => weights);
    const data = Uint8Array.from(Buffer.concat(files)).buffer;
    return [specs, data];
  });
}
