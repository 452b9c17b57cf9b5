// One step of training on each rank; prints the weight.
import { distribute, MPI, tf } from "tsmpi";

const weight = tf.variable(tf.tensor1d([0]));
const optimizer = distribute(tf.train.sgd(1));
optimizer.minimize(() => weight.mul(-1 - MPI.COMM_WORLD.rank).sum(), false, [
  weight,
]);
console.log(weight.dataSync()[0]);
