"""Reads the same file by tf.data, as its guide has it: parse_example of batches, in parallel, with prefetch. Prints a line of JSON.

    python3 bench/data/read_tf.py small.tfrecord
"""
import json, os, sys, time
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import tensorflow as tf

FEATURES = {
    "small": {"id": tf.io.FixedLenFeature([], tf.int64), "x": tf.io.FixedLenFeature([4], tf.float32), "name": tf.io.FixedLenFeature([], tf.string)},
    "images": {"image": tf.io.FixedLenFeature([784], tf.float32), "label": tf.io.FixedLenFeature([], tf.int64)},
}
PASSES = 4
path = sys.argv[1]
features = FEATURES[os.path.basename(path).removesuffix(".tfrecord")]
parse = lambda examples: tf.io.parse_example(examples, features)
dataset = (tf.data.TFRecordDataset(path).batch(256)
           .map(parse, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE))
best = float("inf")
for _ in range(PASSES):
    start, count = time.perf_counter(), 0
    for batch in dataset:
        count += next(iter(batch.values())).shape[0]
    best = min(best, time.perf_counter() - start)
print(json.dumps({"way": "tf.data", "perS": count / best}))
