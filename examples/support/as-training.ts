const CLASSES = 10;

/** A record of the shards of digits as `fitDataset` takes it: pixels in, one of ten classes out. */
export const asTraining = ({ image, label }: Record<string, unknown>) => {
  const classes = new Float32Array(CLASSES);
  classes[label as number] = 1;
  return { xs: image as Float32Array, ys: classes };
};
