/** What a suite found, or why it cannot run here. */
export type Outcome =
  | { readonly passed: number; readonly failed: number }
  | { readonly skipped: string };

export interface Suite {
  run(): Promise<Outcome>;
}

/** By name. */
export const SUITES = {
  docker: () => import("./docker/suite.ts"),
  netns: () => import("./netns.ts"),
} satisfies Record<string, () => Promise<Suite>>;
