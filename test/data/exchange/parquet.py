"""Writes a table with all kinds of columns as FOLDER/CODEC.parquet, for each codec: python parquet.py FOLDER CODEC…"""
import datetime, decimal, os, sys
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

COUNT = 1000
folder, *codecs = sys.argv[1:]


def column(value, kind):
    return pa.array([value(i) for i in range(COUNT)], kind)


day = datetime.date(2024, 1, 1)
table = pa.table({
    "id": column(lambda i: i, pa.int64()),
    "large": column(lambda i: 2**60 + i, pa.int64()),
    "byte": column(lambda i: i % 256, pa.uint8()),
    "largest": column(lambda i: 2**63 + i, pa.uint64()),
    "half": column(np.float16, pa.float16()),
    "price": column(lambda i: None if i % 3 == 0 else i / 3, pa.float64()),
    "text": column(lambda i: None if i % 5 == 0 else f"text {i} ä", pa.string()),
    "bytes": column(lambda i: bytes([i % 256, 255]), pa.binary()),
    "flag": column(lambda i: i % 2 == 0, pa.bool_()),
    "vector": column(lambda i: [i + k / 4 for k in range(i % 4)], pa.list_(pa.float32())),
    "pair": column(lambda i: [i, i + 1], pa.list_(pa.float32(), 2)),
    "tokens": column(lambda i: [i, None] if i % 2 else [1, 2**62], pa.list_(pa.int64())),
    "nested": column(lambda i: [[1, 2], [i]], pa.list_(pa.list_(pa.int32()))),
    "struct": column(lambda i: {"x": i, "y": {"z": [i % 100]}}, pa.struct([("x", pa.int16()), ("y", pa.struct([("z", pa.list_(pa.int8()))]))])),
    "map": column(lambda i: [(f"k{i}", i)], pa.map_(pa.string(), pa.int32())),
    "day": column(lambda i: None if i % 7 == 0 else day + datetime.timedelta(days=i), pa.date32()),
    "time": column(lambda i: datetime.datetime(1969, 12, 31, 23, 59, 59, 123456), pa.timestamp("us")),
    "decimal": column(lambda i: decimal.Decimal("12.50"), pa.decimal128(10, 2)),
    "word": column(lambda i: "ab"[i % 2], pa.string()).dictionary_encode(),
    "nothing": pa.nulls(COUNT),
})
for codec in codecs:
    pq.write_table(table, os.path.join(folder, f"{codec}.parquet"), compression=codec, row_group_size=300)
pq.write_table(table, os.path.join(folder, "version2.parquet"), data_page_version="2.0", row_group_size=300)
