import { type Checks, expect } from "../checks.ts";
import type { Project } from "./project.ts";

const IMAGE = "tsmpi:cpu";
const IMAGE_MB = 500;
/** From a kill to the end of the job. */
const LOST_MS = 30_000;
const JOB = {
  PROGRAM: "examples/mnist.ts --epochs 2 --save /checkpoints/mnist",
};

/** From a clean clone to nothing left, in the order of a day's work. */
export async function checkCompose(
  checks: Checks,
  project: Project,
): Promise<void> {
  await checks.check("compose reads docker-compose.yml", () => lint(project));
  await checks.check("compose reads the profile gpu", () => lintGpu(project));
  await checks.check("a key of one's own replaces the one that is made", () =>
    lintKey(project),
  );
  if (!(await checks.check("build", () => build(project)))) return;
  await checks.check("an image has no key, and a user that is not root", () =>
    lookInto(project),
  );
  await checks.check("up: 4 containers train mnist", async () => {
    const { code, output } = await project.up([], JOB);
    expect(code === 0, `exit code ${code}: ${lastLines(output)}`);
    return trained(output, 4);
  });
  await checks.check("the model is in the volume for checkpoints", async () => {
    const files = await inVolumes(project, "ls /checkpoints/mnist");
    expect(files.includes("model.json"), files);
  });
  await checks.check("inspect shows no key", () => inspect(project));
  let served: readonly string[] = [];
  await checks.check("up --scale worker=2: 3 containers train", async () => {
    const result = await upInBackground(project, ["--scale", "worker=2"], JOB);
    served = await project.running("worker");
    return result;
  });
  await checks.check("the same agents serve the next job", async () => {
    const result = await upInBackground(project, ["--scale", "worker=2"], JOB);
    const now = await project.running("worker");
    expect(
      now.length === 2 && now.every((id) => served.includes(id)),
      `other containers: ${now.join(" ")}, not ${served.join(" ")}`,
    );
    return result;
  });
  await checks.check("a killed worker: the job ends, and names its rank", () =>
    killOne(project),
  );
  await checks.check("the others wait for the next job", () =>
    surviving(project),
  );
  await checks.check("after a loss the next job runs", () =>
    upInBackground(project, ["--scale", "worker=2"], {
      ...JOB,
      // Who is started again is waited for.
      TSRUN_FLAGS: "-n 3",
    }),
  );
  await checks.check("down --volumes leaves nothing", async () => {
    await project.compose(["down", "--volumes"]);
    const left = await project.leftovers();
    expect(left.length === 0, left.join(" "));
  });
}

async function lint(project: Project): Promise<void> {
  const text = await project.compose(["config"]);
  for (const word of ["coordinator:", "worker:", "shm_size", "healthcheck"])
    expect(text.includes(word), `there is no ${word}`);
}

async function lintGpu(project: Project): Promise<string> {
  const text = await project.compose(["--profile", "gpu", "config"]);
  const gpus = [...text.matchAll(/device_ids:\s+- ['"](\d)['"]/g)].map(
    ([, id]) => id,
  );
  expect(
    gpus.toSorted().join() === "0,1,2,3",
    `the containers have the GPUs ${gpus.join()}`,
  );
  return "a GPU each";
}

async function lintKey(project: Project): Promise<void> {
  const files = ["-f", "docker-compose.yml", "-f", "docker/job-key.yml"];
  const text = await project.compose([...files, "config"]);
  const paths = text.match(/TSMPI_JOB_KEY_FILE: .*/g) ?? [];
  expect(
    paths.length >= 2 &&
      paths.every((path) => path.endsWith("/run/secrets/job-key")),
    `the key is read from ${paths.join()}`,
  );
}

async function build(project: Project): Promise<string> {
  await project.compose(["build"]);
  const bytes = await project.docker([
    ...["image", "inspect", "--format", "{{.Size}}", IMAGE],
  ]);
  const megabytes = Math.round(Number(bytes) / 1e6);
  expect(megabytes <= IMAGE_MB, `${IMAGE} has ${megabytes} MB`);
  return `${IMAGE} has ${megabytes} MB`;
}

async function lookInto(project: Project): Promise<void> {
  const script = "id -u; find /job -type f";
  const text = await project.docker(["run", "--rm", IMAGE, "sh", "-c", script]);
  const [user, ...files] = text.trim().split("\n");
  expect(user !== "0", "it runs as root");
  expect(files.length === 0, `it has ${files.join()}`);
}

/** A shell command where the project's volumes are. */
const inVolumes = (project: Project, command: string): Promise<string> =>
  project.docker([
    ...["run", "--rm", "--volume", `${project.name}_job:/job:ro`],
    ...["--volume", `${project.name}_checkpoints:/checkpoints:ro`],
    ...[IMAGE, "sh", "-c", command],
  ]);

async function inspect(project: Project): Promise<string> {
  const key = (await inVolumes(project, "cat /job/key")).trim();
  expect(key.length >= 40, `the key has ${key.length} characters`);
  const ids = (await project.leftovers()).filter((id) =>
    /^[0-9a-f]+$/.test(id),
  );
  const text = await project.docker(["inspect", IMAGE, ...ids]);
  expect(!text.includes(key), "it shows the key");
  return `${ids.length} containers and networks, 1 image`;
}

/** @returns what it prints of the job @throws {Error} the job fails, or has other ranks than there are containers */
async function upInBackground(
  project: Project,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const since = new Date().toISOString();
  await project.compose(["up", "--detach", ...args], env);
  const { code, log } = await coordinatorEnd(project, since);
  expect(code === 0, `exit code ${code}: ${lastLines(log)}`);
  return trained(log, (await project.running("worker")).length + 1);
}

async function coordinatorEnd(
  project: Project,
  since: string,
): Promise<{ readonly code: number; readonly log: string }> {
  const id = await project.coordinator();
  const code = Number(await project.docker(["wait", id]));
  return { code, log: await project.docker(["logs", "--since", since, id]) };
}

function trained(log: string, ranks: number): string {
  const [, accuracy] = /test accuracy (\d\.\d+)/.exec(log) ?? [];
  expect(Number(accuracy) > 0.9, `accuracy ${accuracy}: ${lastLines(log)}`);
  const [line, size] = /(\d+) ranks, .*/.exec(log) ?? [];
  expect(Number(size) === ranks, `${size} ranks, not ${ranks}`);
  return `accuracy ${accuracy}, ${line}`;
}

async function killOne(project: Project): Promise<string> {
  const since = new Date().toISOString();
  await project.compose(["up", "--detach"], {
    PROGRAM: "examples/mnist.ts --epochs 100",
    // Who joins late is waited for.
    TSRUN_FLAGS: "-n 4",
  });
  const coordinator = await project.coordinator();
  await project.untilLogged(coordinator, { since, text: "epoch 1/" });
  const victim = (await project.running("worker"))[0]!;
  const startMs = performance.now();
  await project.docker(["kill", victim]);
  const { code, log } = await coordinatorEnd(project, since);
  const ms = performance.now() - startMs;
  expect(code !== 0, "exit code 0");
  expect(ms <= LOST_MS, `it took ${Math.round(ms / 1000)} s`);
  // A container's host name is how its id begins.
  const host = victim.slice(0, 12);
  const named = new RegExp(`.*rank \\d.*${host}.*`).exec(log)?.[0];
  expect(named !== undefined, `nobody names ${host}: ${lastLines(log)}`);
  return `after ${(ms / 1000).toFixed(1)} s: ${named!.trim()}`;
}

async function surviving(project: Project): Promise<string> {
  const workers = await project.running("worker");
  expect(workers.length === 2, `${workers.length} run`);
  for (const id of workers) {
    const [, ...processes] = (await project.docker(["top", id]))
      .trim()
      .split("\n");
    // The init process and the agent.
    expect(processes.length === 2, `there is left: ${processes.join("; ")}`);
    const health = await project.docker([
      ...["inspect", "--format", "{{.State.Health.Status}}", id],
    ]);
    expect(health.trim() === "healthy", health.trim());
  }
  return "healthy, no rank left";
}

const lastLines = (log: string): string =>
  log.trim().split("\n").slice(-4).join(" | ");
