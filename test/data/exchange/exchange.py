"""The other half of exchange.long.test.ts: writes what it reads, and reads what it writes.

    python exchange.py write FOLDER      files as TensorFlow, NumPy and protobuf write them, and what is in them, in expected.json
    python exchange.py read FOLDER       says in seen.json what it finds in files of the same names, with -ours
"""
import json, os, random, sys
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.internal import decoder, encoder

COUNT = 1000
verb, folder = sys.argv[1:]
at = lambda name: os.path.join(folder, name)
bits = lambda array: np.ascontiguousarray(array).tobytes().hex()


def example(i):
    train = tf.train
    return train.Example(features=train.Features(feature={
        "floats": train.Feature(float_list=train.FloatList(value=[i / 3, -0.0, float("inf")][: i % 4])),
        "integers": train.Feature(int64_list=train.Int64List(value=[i, -i, 2**63 - 1, -(2**63)])),
        "bytes": train.Feature(bytes_list=train.BytesList(value=[bytes([i % 256]) * (i % 300), b""])),
        "nothing": train.Feature(),
        "größe": train.Feature(float_list=train.FloatList(value=[i])),
    })).SerializeToString(deterministic=True)


ARRAYS = {
    **{dtype.replace("<", "little-").replace(">", "big-").replace("|", ""): (np.arange(COUNT * 6) % 100).astype(dtype).reshape(COUNT, 2, 3)
       for dtype in ["|b1", "|i1", "|u1", "<i2", ">i2", "<u2", "<i4", ">i4", "<u4", "<i8", ">i8", "<u8", "<f2", "<f4", ">f4", "<f8", ">f8"]},
    "line": np.arange(COUNT) / 7,
    "empty": np.zeros((0, 3), "<f4"),
}
PAIR = {"x": np.arange(COUNT * 4, dtype="<f4").reshape(COUNT, 4), "y": np.arange(COUNT, dtype="<i8")}

def pretrain_data():
    """The class of examples/pretrain-data.proto, made without protoc."""
    field = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="pretrain-data.proto", syntax="proto3")
    message = file.message_type.add(name="PretrainData")
    for number, (name, label, kind) in enumerate([("id", field.LABEL_OPTIONAL, field.TYPE_INT32), ("text", field.LABEL_OPTIONAL, field.TYPE_STRING),
                                                  ("features", field.LABEL_REPEATED, field.TYPE_FLOAT)], 1):
        message.field.add(name=name, number=number, label=label, type=kind)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("PretrainData"))


PretrainData = pretrain_data()
plain = lambda message: [message.id, message.text, bits(np.array(message.features, "<f4"))]


def random_messages(seed):
    source = random.Random(seed)
    letters = "ab \n\0äß漢😀"
    for i in range(COUNT):
        floats = np.array([source.getrandbits(32) for _ in range(source.choice([0, 1, 3, 200]))], "<u4").view("<f4")
        special = [-0.0, float("inf"), 1e-45][: i % 4]
        yield PretrainData(id=source.randrange(-2**31, 2**31) if i % 5 else 0, text="".join(source.choices(letters, k=source.randrange(60))),
                           features=[*floats[np.isfinite(floats)].tolist(), *special])


def messages_in(name):
    content, begin = open(at(name), "rb").read(), 0
    while begin < len(content):
        length, begin = decoder._DecodeVarint32(content, begin)
        yield PretrainData.FromString(content[begin:begin + length])
        begin += length


if verb == "write":
    records = [example(i) for i in range(COUNT)]
    for name, options in [("a.tfrecord", None), ("b.tfrecord.gz", tf.io.TFRecordOptions(compression_type="GZIP"))]:
        with tf.io.TFRecordWriter(at(name), options) as writer:
            for record in records:
                writer.write(record)
    messages = list(random_messages(1))
    with open(at("theirs.pb"), "wb") as file:
        for message in messages:
            file.write(encoder._VarintBytes(message.ByteSize()) + message.SerializeToString())
    for name, array in ARRAYS.items():
        np.save(at(f"{name}.npy"), array)
    np.savez(at("stored.npz"), **PAIR)
    np.savez_compressed(at("packed.npz"), **PAIR)
    rows = lambda array: [bits(row.astype(row.dtype.newbyteorder("<")) if row.dtype != np.float16 else row.astype("<f4")) for row in array]
    expected = {"records": [record.hex() for record in records],
                "arrays": {name: rows(array) for name, array in ARRAYS.items() if array.ndim > 1},
                "messages": [plain(message) for message in messages],
                "line": ARRAYS["line"].tolist()}
    json.dump(expected, open(at("expected.json"), "w"))
else:
    seen = {"records": [record.numpy().hex() for record in tf.data.TFRecordDataset(at("ours.tfrecord"))],
            "packed": [record.numpy().hex() for record in tf.data.TFRecordDataset(at("ours.tfrecord.gz"), compression_type="GZIP")]}
    # TensorFlow's own parser takes each, too.
    for record in tf.data.TFRecordDataset(at("ours.tfrecord")):
        tf.io.parse_single_example(record, {"größe": tf.io.FixedLenFeature([], tf.float32), "integers": tf.io.FixedLenFeature([4], tf.int64)})
    array = np.load(at("ours.npy"))
    archive = np.load(at("ours.npz"))
    seen["npy"] = {"dtype": array.dtype.str, "shape": array.shape, "bits": bits(array)}
    seen["npz"] = {name: {"dtype": archive[name].dtype.str, "shape": archive[name].shape, "bits": bits(archive[name])} for name in archive.files}
    seen["messages"] = [plain(message) for message in messages_in("ours.pb")]
    json.dump(seen, open(at("seen.json"), "w"))
