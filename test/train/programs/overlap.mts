// Counts the all-reduces that have begun when the backward pass comes to the first layer, step by step.
import { distribute, MPI, tf } from "tsmpi";

const world = MPI.COMM_WORLD;
let begun = 0;
const iallreduce = world.Iallreduce.bind(world);
world.Iallreduce = (...call: Parameters<typeof iallreduce>) => {
  begun++;
  return iallreduce(...call);
};

const counts: number[] = [];
const watched = tf.customGrad((x) => ({
  value: (x as ReturnType<typeof tf.tensor>).clone(),
  gradFunc: (dy: ReturnType<typeof tf.tensor>) => {
    counts.push(begun);
    return dy;
  },
}));

// The variable that is used last comes first in the list, as no reversal would have it.
const [last, middle, first] = [3, 2, 1].map((value) =>
  tf.variable(tf.scalar(value)),
) as [
  ReturnType<typeof tf.variable>,
  ReturnType<typeof tf.variable>,
  ReturnType<typeof tf.variable>,
];
const optimizer = tf.train.sgd(0);
distribute(optimizer, { bucketBytes: 4 });
for (let step = 0; step < 3; step++) {
  begun = 0;
  optimizer.minimize(
    () => watched(first.square()).mul(middle).mul(last).asScalar(),
    false,
    [last, middle, first],
  );
}
console.log(JSON.stringify({ rank: world.rank, counts }));
