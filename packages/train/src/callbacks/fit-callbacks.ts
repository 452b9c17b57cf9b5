import { tf } from "@tsmpi/engine";
import type { Callback, LayersModel } from "@tensorflow/tfjs";
import type { ModelTraining } from "../model-training";
import { averageLogs } from "./average-logs";
import { openProgress } from "./progress";
import { stopTogether } from "./stop-together";

type FitArgs = NonNullable<Parameters<LayersModel["fit"]>[2]>;

/** What of it is the same for `fit` and `fitDataset`. */
export type CallbackArgs = Pick<
  FitArgs,
  "callbacks" | "verbose" | "yieldEvery"
>;

/**
 * The arguments of a `fit` as this rank runs it: logs are averaged before anybody sees them, the user's callbacks follow, and all
 * ranks stop together. Progress is shown by rank 0 alone and by us alone: tfjs-node would bring a bar of its own.
 */
export function withOwnCallbacks<Args extends CallbackArgs>(
  args: Args,
  {
    training,
    rank,
  }: { readonly training: ModelTraining; readonly rank: number },
): Args {
  averageLogs();
  const showsProgress = rank === 0 && Number(args.verbose ?? 1) > 0;
  const callbacks = [
    ...(showsProgress ? [openProgress()] : []),
    ...asCallbacks(args),
    stopTogether(training),
  ];
  return { ...args, callbacks, verbose: 0 };
}

/** TensorFlow.js takes callback objects or plain ones, not both in one list. */
function asCallbacks({ callbacks, yieldEvery }: CallbackArgs): Callback[] {
  const given = [callbacks ?? []].flat();
  return given.map((callback) =>
    "setParams" in callback
      ? callback
      : new tf.CustomCallback(callback, yieldEvery),
  ) as Callback[];
}
