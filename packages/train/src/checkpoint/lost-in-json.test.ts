import { lostInJson } from "./lost-in-json";

const part: Record<string, unknown> = { one: 1 };
const loop: Record<string, unknown> = { inner: [part] };
const ownLoop = { ...loop, self: loop };
loop.self = ownLoop;

test.each([
  null,
  "ä\ud800",
  0,
  -1.5e300,
  true,
  [1, [2, { a: null }]],
  { twice: [part, part] },
])("JSON keeps %j", (value) => {
  expect(JSON.parse(JSON.stringify(value))).toEqual(value);
  expect(lostInJson(value, "extra")).toBeNull();
});

test.each([
  [undefined, "extra is of type undefined"],
  [{ a: { b: undefined } }, "extra.a.b is of type undefined"],
  [[1, NaN], "extra[1] is NaN"],
  [[[-Infinity]], "extra[0][0] is -Infinity"],
  [{ a: -0 }, "extra.a is -0"],
  [{ a: 1n }, "extra.a is of type bigint"],
  [{ toJSON: () => 1 }, "extra.toJSON is of type function"],
  [{ when: new Date(0) }, "extra.when is a Date"],
  [{ rows: new Float32Array(2) }, "extra.rows is a Float32Array"],
  [{ names: new Map() }, "extra.names is a Map"],
  [new Array<number>(1), "extra[0] is of type undefined"],
  [loop, "extra.self.self is part of itself"],
])("JSON does not keep what is named (%#)", (value, lost) =>
  expect(lostInJson(value, "extra")).toBe(lost),
);
