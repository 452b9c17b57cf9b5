import { MPI } from "tsmpi";
import { equal, isFalse, isNull, isTrue, ok, refuses } from "../check.mts";
import type { Suite } from "../suite.mts";

type Info = InstanceType<typeof MPI.Info>;

const ENV_KEYS = [
  "command",
  "argv",
  "maxprocs",
  "soft",
  "host",
  "arch",
  "wdir",
  "file",
  "thread_level",
];

/** Gives a new one, and frees it. */
const withInfo = (body: (info: Info) => void) => () => {
  const info = MPI.Info.Create();
  body(info);
  info.Free();
  isTrue(info.equals(MPI.INFO_NULL));
};

function assertEmpty(info: Info): void {
  equal(info.Get_nkeys(), 0);
  equal(info.keys(), []);
  equal(info.values(), []);
  equal(info.items(), []);
  equal(info.get("key"), null);
  equal(info.get("key", "other"), "other");
}

function assertSame(env: Info): void {
  const dup = env.Dup();
  for (const key of ENV_KEYS) equal(env.Get(key), dup.Get(key));
  dup.Free();
}

export const suites: readonly Suite[] = [
  {
    name: "TestInfoNull",
    cases: {
      "it is null": () => {
        isNull(MPI.INFO_NULL);
        isTrue(new MPI.Info().equals(MPI.INFO_NULL));
      },

      "as a dictionary it is empty and takes nothing": () => {
        const info = MPI.INFO_NULL;
        equal(info.keys(), []);
        equal(info.values(), []);
        equal(info.items(), []);
        equal(info.get("key", null), null);
        equal(info.pop("key", null), null);
        isTrue(info.copy().equals(info));
        info.clear();
        refuses(() => info.update([]));
        refuses(() => info.pop("key"));
        refuses(() => info.popitem());
      },
    },
  },
  {
    name: "TestInfoEnv",
    cases: {
      "it is not null": () => {
        isFalse(MPI.INFO_ENV.isNull);
      },
      "it can be asked for what MPI knows": () => {
        for (const key of ENV_KEYS) {
          const value = MPI.INFO_ENV.Get(key);
          ok(value === null || typeof value === "string");
        }
      },
      "its Dup has the same": () => {
        assertSame(MPI.INFO_ENV);
      },
      "Create_env makes one": () => {
        const env = MPI.Info.Create_env();
        for (const key of ENV_KEYS) {
          const value = env.Get(key);
          ok(value === null || typeof value === "string");
        }
        assertSame(env);
        env.Free();
        for (const args of [null, [], [process.execPath]])
          MPI.Info.Create_env(args).Free();
      },
    },
  },
  {
    name: "TestInfo",
    cases: {
      "a new one is not null": withInfo((info) => {
        isFalse(info.isNull);
      }),

      "it is made of nothing, a dictionary or a list of pairs": () => {
        const data = { key1: "value1", key2: "value2" };
        for (const items of [null, {}, [], data, Object.entries(data)]) {
          const info = MPI.Info.Create(items as typeof data);
          const expected = Array.isArray(items)
            ? items
            : Object.entries(items ?? {});
          equal(info.Get_nkeys(), expected.length);
          for (const [key, value] of expected as [string, string][])
            equal(info.Get(key), value);
          info.Free();
        }
        const first = MPI.Info.Create(data);
        const second = MPI.Info.Create(first);
        equal(second.items(), first.items());
        first.Free();
        second.Free();
      },

      "it is not made of a number": () => {
        refuses(() => MPI.Info.Create(123 as never));
      },

      "a Dup is another": withInfo((info) => {
        const dup = info.Dup();
        isFalse(info.equals(dup));
        equal(dup.Get_nkeys(), 0);
        dup.Free();
        isNull(dup);
      }),

      "it gives null for a key that it has not": withInfo((info) => {
        equal(info.Get("key"), null);
      }),

      "a new one has no keys": withInfo((info) => {
        equal(info.Get_nkeys(), 0);
      }),

      "what is set can be got and deleted": withInfo((info) => {
        equal(info.Get_nkeys(), 0);
        info.Set("key", "value");
        equal(info.Get_nkeys(), 1);
        equal(info.Get_nthkey(0), "key");
        equal(info.Get("key"), "value");
        info.Delete("key");
        equal(info.Get_nkeys(), 0);
        equal(info.Get("key"), null);
      }),

      "keys and values are strings, not empty and not too long": withInfo(
        (info) => {
          refuses(() => info.Set("", "value"));
          refuses(() => info.Set("k".repeat(100_000), "value"));
          refuses(() => info.Set(7 as never, "value"));
          refuses(() => info.Set("key", 7 as never));
          equal(info.Get_nkeys(), 0);
        },
      ),

      "as a dictionary it has keys, values and items": withInfo((info) => {
        assertEmpty(info);
        info.Set("key", "value");
        equal([...info], ["key"]);
        equal(info.keys(), ["key"]);
        equal(info.values(), ["value"]);
        equal(info.items(), [["key", "value"]]);
        info.Delete("key");
        assertEmpty(info);
      }),

      "pop gives a value and takes it away": withInfo((info) => {
        info.Set("key", "value");
        equal(info.pop("key"), "value");
        assertEmpty(info);
        equal(info.pop("key", "value"), "value");
        refuses(() => info.pop("key"));
        info.update({ key1: "value1", key2: "value2" });
        equal(info.pop("key1"), "value1");
        equal(info.keys(), ["key2"]);
        equal(info.pop("key2"), "value2");
        assertEmpty(info);
      }),

      "popitem gives the last item and takes it away": withInfo((info) => {
        refuses(() => info.popitem());
        info.Set("key1", "value1");
        info.Set("key2", "value2");
        equal(info.popitem(), ["key2", "value2"]);
        equal(info.Get_nkeys(), 1);
        equal(info.popitem(), ["key1", "value1"]);
        assertEmpty(info);
        refuses(() => info.popitem());
      }),

      "update sets many at once, and clear takes all away": withInfo((info) => {
        info.update([["key1", "value1"]]);
        equal(info.get("key1"), "value1");
        equal(info.get("key2"), null);
        equal(info.get("key2", "value2"), "value2");
        info.update({ key2: "value2" });
        equal(info.items(), [
          ["key1", "value1"],
          ["key2", "value2"],
        ]);
        info.update([
          ["key1", "new1"],
          ["key2", "new2"],
        ]);
        equal(info.values(), ["new1", "new2"]);
        info.update({ key1: "val1", key2: "val2", key3: "val3" });
        equal(info.values(), ["val1", "val2", "val3"]);
        const copy = info.copy();
        equal(copy.items(), info.items());
        isFalse(copy.equals(info));
        copy.Free();
        info.clear();
        assertEmpty(info);
      }),
    },
  },
];
