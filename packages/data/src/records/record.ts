import type { TypedArray } from "@tsmpi/protocol";

/** What a field of a record holds. Text is a string, numbers of one kind are a typed array, everything else is as in JSON. */
export type FieldValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | TypedArray
  | readonly FieldValue[]
  | { readonly [name: string]: FieldValue };

/** One record of a dataset: its fields by name. */
export type DataRecord = Readonly<Record<string, FieldValue>>;
