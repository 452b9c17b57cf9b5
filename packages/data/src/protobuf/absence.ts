import type { Field } from "protobufjs";

/** Whether a message tells that it has no such field, so that a record may have null there; else it is 0, or empty. */
export const canBeAbsent = ({
  required,
  partOf,
  resolvedType,
  repeated,
  map,
  hasPresence,
}: Field): boolean =>
  !required &&
  !repeated &&
  !map &&
  Boolean(
    hasPresence || partOf || (resolvedType && "fieldsArray" in resolvedType),
  );
