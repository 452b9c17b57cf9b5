/** The parts of a wheel's file name: `{distribution}-{version}-{python}-{abi}-{platforms}.whl` (PEP 427; never with a build tag here). */
export interface WheelName {
  readonly distribution: string;
  readonly version: string;
  readonly python: string;
  readonly abi: string;
  readonly platforms: readonly string[];
}

/** Null for a file that is no wheel by its name. */
export function parseWheelName(file: string): WheelName | null {
  const parts = /^(.+)\.whl$/.exec(file)?.[1]?.split("-");
  if (parts?.length !== 5) return null;
  const [distribution, version, python, abi, platforms] = parts as [
    string,
    string,
    string,
    string,
    string,
  ];
  return {
    distribution,
    version,
    python,
    abi,
    platforms: platforms.split("."),
  };
}

/** The name of a project on an index: `nvidia_cublas_cu12` is `nvidia-cublas-cu12` there (PEP 503). */
export const projectName = (distribution: string): string =>
  distribution.toLowerCase().replaceAll(/[-_.]+/g, "-");
