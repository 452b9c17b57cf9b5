import { createHash } from "node:crypto";
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "tar";
import type { PublicDataset, PublicFile } from "./dataset";
import { fetchDataset } from "./fetch-dataset";

let folder: string;
let server: Server;
let url: string;
/** Ranges asked for, or null, one a request. */
let asked: (string | null)[];
let answer: (
  response: ServerResponse,
  content: Buffer,
  range: string | null,
) => void;
const contents = new Map<string, Buffer>();

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "tsmpi-fetch-"));
  asked = [];
  answer = honestly;
  contents.clear();
  server = createServer((request, response) => {
    const range = request.headers.range ?? null;
    asked.push(range);
    const content = contents.get(request.url!.slice(1));
    if (content) return answer(response, content, range);
    response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

function honestly(
  response: ServerResponse,
  content: Buffer,
  range: string | null,
): void {
  const from = Number(/bytes=(\d+)-/.exec(range ?? "")?.[1] ?? 0);
  response.writeHead(from > 0 ? 206 : 200, {
    "content-length": content.length - from,
    ...(from > 0 && {
      "content-range": `bytes ${from}-${content.length - 1}/${content.length}`,
    }),
  });
  response.end(content.subarray(from));
}

/** Sends so many bytes of what it promised, and hangs up. */
const cutAfter =
  (bytes: number): typeof answer =>
  (response, content, range) => {
    const from = Number(/bytes=(\d+)-/.exec(range ?? "")?.[1] ?? 0);
    response.writeHead(from > 0 ? 206 : 200, {
      "content-length": content.length - from,
      "content-range": `bytes ${from}-${content.length - 1}/${content.length}`,
    });
    const end = Math.min(from + bytes, content.length);
    response.write(content.subarray(from, end), () => {
      if (end === content.length) response.end();
      else setTimeout(() => response.socket?.destroy(), 50);
    });
  };

/** 100 kB that are nowhere the same. */
const CONTENT = Buffer.from(
  Uint32Array.from({ length: 25_000 }, (_, i) => i * 2_654_435_761).buffer,
);

function fileOf(name: string, content: Buffer, unpacks?: string): PublicFile {
  contents.set(name, content);
  const sha256 = createHash("sha256").update(content).digest("hex");
  return { name, bytes: content.length, sha256, ...(unpacks && { unpacks }) };
}

const datasetOf = (...files: PublicFile[]): PublicDataset => ({
  ...{ name: "d", summary: "", about: "", url, files },
});

const get = (dataset: PublicDataset, signal = new AbortController().signal) =>
  fetchDataset(dataset, { folder, signal, onBytes: () => {} });

const path = (name: string) => join(folder, name);

describe("fetching a dataset", () => {
  test("gives its files; those that are there are not asked for again", async () => {
    const dataset = datasetOf(fileOf("a", CONTENT), fileOf("b", Buffer.of(1)));
    expect(await get(dataset)).toEqual(["a", "b"]);
    expect(readFileSync(path("a"))).toEqual(CONTENT);
    expect(existsSync(path("a.part"))).toBe(false);
    expect(await get(dataset)).toEqual([]);
    expect(asked).toEqual([null, null]);
  });

  test("goes on where connections were cut, as often as something comes", async () => {
    answer = cutAfter(40_000);
    await get(datasetOf(fileOf("a", CONTENT)));
    expect(readFileSync(path("a"))).toEqual(CONTENT);
    expect(asked).toEqual([null, "bytes=40000-", "bytes=80000-"]);
  });

  test("goes on with the part that a run before it has left", async () => {
    writeFileSync(path("a.part"), CONTENT.subarray(0, 70_000));
    await get(datasetOf(fileOf("a", CONTENT)));
    expect(readFileSync(path("a"))).toEqual(CONTENT);
    expect(asked).toEqual(["bytes=70000-"]);
  });

  test("takes all from a server that sends all whatever is asked for", async () => {
    writeFileSync(path("a.part"), CONTENT.subarray(0, 70_000));
    answer = (response, content) => honestly(response, content, null);
    await get(datasetOf(fileOf("a", CONTENT)));
    expect(readFileSync(path("a"))).toEqual(CONTENT);
  });

  test("begins again where a part is of another file", async () => {
    writeFileSync(path("a.part"), Buffer.alloc(70_000));
    await get(datasetOf(fileOf("a", CONTENT)));
    expect(readFileSync(path("a"))).toEqual(CONTENT);
    expect(asked).toEqual(["bytes=70000-", null]);
  });

  test("removes what is damaged, and says so", async () => {
    const dataset = datasetOf(fileOf("a", CONTENT));
    contents.set("a", Buffer.from(CONTENT).fill(0, 500, 501));
    await expect(get(dataset)).rejects.toMatchObject({
      code: "ERR_DATA",
      message: expect.stringMatching(
        /\/a is another file than it should be: its sha256 is [0-9a-f]{64}, not /,
      ) as string,
    });
    expect(existsSync(path("a"))).toBe(false);
    expect(existsSync(path("a.part"))).toBe(false);
  });

  test("leaves a file alone that is there and is another one", async () => {
    const dataset = datasetOf(fileOf("a", CONTENT));
    writeFileSync(path("a"), "mine");
    await expect(get(dataset)).rejects.toThrow(
      `${path("a")} is there, and is another file than it should be: it has 4 bytes, not 100000; remove it, and fetch again`,
    );
    expect(readFileSync(path("a"), "utf8")).toBe("mine");
  });

  test("says what a server answers that does not have the file", async () => {
    const dataset = datasetOf(fileOf("a", CONTENT));
    contents.clear();
    await expect(get(dataset)).rejects.toThrow(
      "/a: the server answers 404 Not Found; the file may have moved",
    );
  });

  test("ends when nothing more comes, keeps what came, and says what to do", async () => {
    const dataset = datasetOf(fileOf("a", CONTENT));
    answer = (response, content, range) =>
      range === null
        ? cutAfter(30_000)(response, content, range)
        : void response.destroy();
    await expect(get(dataset)).rejects.toThrow(
      /cannot be fetched: .+\. Is this machine offline, .+ put it here as .+\/a: .+ stays in .+\/a\.part, and is gone on with$/,
    );
    expect(readFileSync(path("a.part"))).toEqual(CONTENT.subarray(0, 30_000));
    // The first, which brought something, and two that brought nothing.
    expect(asked).toEqual([null, "bytes=30000-", "bytes=30000-"]);
  });

  test("ends when the user interrupts it", async () => {
    const dataset = datasetOf(fileOf("a", CONTENT));
    const interrupt = new AbortController();
    answer = (response) => {
      response.writeHead(200).write("x");
      interrupt.abort(new Error("enough"));
    };
    await expect(get(dataset, interrupt.signal)).rejects.toThrow("enough");
    expect(existsSync(path("a"))).toBe(false);
  });

  test("unpacks a tarball beside it, once", async () => {
    writeFileSync(path("one.bin"), "1");
    const tarball = path("made.tgz");
    await create(
      { cwd: folder, file: tarball, gzip: true, prefix: "batches" },
      ["one.bin"],
    );
    const dataset = datasetOf(
      fileOf("b.tar.gz", readFileSync(tarball), "batches"),
    );
    await get(dataset);
    expect(readFileSync(path("batches/one.bin"), "utf8")).toBe("1");
    expect(await get(dataset)).toEqual([]);
  });

  test("goes through the proxy that the environment names", async () => {
    const dataset = {
      ...datasetOf(fileOf("a", CONTENT)),
      url: "http://datasets.invalid/",
    };
    const through: string[] = [];
    server.on("connect", ({ url: to }: { url: string }, client: Socket) => {
      through.push(to);
      const { port } = server.address() as AddressInfo;
      const origin = connect(port, "127.0.0.1", () => {
        client.write("HTTP/1.1 200 Connected\r\n\r\n");
        origin.pipe(client).pipe(origin);
      });
      client.on("close", () => origin.destroy());
    });
    process.env.HTTP_PROXY = url;
    jest.resetModules();
    try {
      const fresh =
        jest.requireActual<typeof import("./fetch-dataset")>("./fetch-dataset");
      const signal = new AbortController().signal;
      await fresh.fetchDataset(dataset, { folder, signal, onBytes: () => {} });
    } finally {
      delete process.env.HTTP_PROXY;
    }
    expect(through).toEqual(["datasets.invalid:80"]);
    expect(readFileSync(path("a"))).toEqual(CONTENT);
  });
});
