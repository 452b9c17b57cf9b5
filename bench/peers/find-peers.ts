import { join } from "node:path";
import { noNetwork } from "../../test/support/network-hosts.ts";
import { output, TSRUN } from "./commands.ts";
import { HOSTS } from "./hosts.ts";

/** What can be run here. Null: it is left out. */
export interface Peers {
  /** A Python that has PyTorch with Gloo. */
  readonly python: string | null;
  /** The compiled allreduce.c. */
  readonly openMpi: string | null;
  /** Whether native TensorFlow is set up, which our step computes on. */
  readonly hasEngine: boolean;
  /** Whether network namespaces can be made. */
  readonly hasNetwork: boolean;
}

export interface Found {
  readonly peers: Peers;
  readonly versions: Readonly<Record<string, string>>;
  /** One line for whatever is left out: what it is, and how to get it. */
  readonly missing: readonly string[];
}

/**
 * Looks for all of them.
 *
 * @param python to look for PyTorch in
 * @param folder for what is compiled
 */
export async function findPeers({
  python,
  folder,
}: {
  readonly python: string;
  readonly folder: string;
}): Promise<Found> {
  const openMpi = await findOpenMpi(folder);
  const noHosts = noNetwork({
    hosts: HOSTS.count,
    mbitPerSecond: HOSTS.mbitPerS,
  });
  const looked = [
    {
      name: "PyTorch",
      version: await torchVersion(python),
      otherwise: `PyTorch is left out: ${python} cannot import torch with Gloo; pip install torch numpy in a virtual environment, and say --python PATH`,
    },
    {
      name: "Open MPI",
      version: openMpi && openMpi.version,
      otherwise:
        "Open MPI is left out: its mpirun and mpicc are not on the PATH; on Debian and Ubuntu apt install openmpi-bin libopenmpi-dev",
    },
    {
      name: "TensorFlow",
      version: await engineVersion(),
      otherwise:
        "the training step is left out: native TensorFlow is not set up, or does not train; npx tsrun setup, and npx tsrun doctor says more",
    },
  ];
  const versions = Object.fromEntries(
    looked.flatMap(({ name, version }) => (version ? [[name, version]] : [])),
  );
  return {
    peers: {
      python: versions.PyTorch === undefined ? null : python,
      openMpi: openMpi && openMpi.program,
      hasEngine: versions.TensorFlow !== undefined,
      hasNetwork: noHosts === null,
    },
    versions,
    missing: [
      ...looked
        .filter(({ version }) => version === null)
        .map(({ otherwise }) => otherwise),
      ...(noHosts === null ? [] : [`several hosts are left out: ${noHosts}`]),
    ],
  };
}

const torchVersion = async (python: string): Promise<string | null> => {
  const code =
    "import torch, torch.distributed as d; assert d.is_gloo_available(); print(torch.__version__)";
  return (await output([python, "-c", code]))?.trim() ?? null;
};

async function findOpenMpi(
  folder: string,
): Promise<{ program: string; version: string } | null> {
  const said = await output(["mpirun", "--version"]);
  const version = /\(Open MPI\) (\S+)/.exec(said ?? "")?.[1];
  if (version === undefined) return null;
  const program = join(folder, "allreduce");
  const source = join(import.meta.dirname, "allreduce.c");
  const compiled = await output(["mpicc", "-O3", source, "-o", program]);
  return compiled === null ? null : { program, version };
}

async function engineVersion(): Promise<string | null> {
  const doctor = [...TSRUN, "doctor", "--json", "--engine", "tensorflow"];
  const facts = await output(doctor);
  if (facts === null) return null;
  const { engine } = JSON.parse(facts) as {
    engine: { version: string } | null;
  };
  return engine && engine.version;
}
