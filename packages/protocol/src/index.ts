export * from "./block";
export * from "./copy-bytes";
export * from "./dtype";
export * from "./environment";
export * from "./error-classes";
export * from "./error-codes";
export * from "./error-wire";
export * from "./errors";
export { findFunction } from "./functions/find-function";
export {
  type FunctionReference,
  referenceTo,
} from "./functions/function-reference";
export type { AnyFunction } from "./functions/inspect-function";
export * from "./half-precision";
export * from "./is-alive";
export { machineOf, networkOf } from "./machine";
export * from "./job-key";
export * from "./launcher-news";
export * from "./log";
export * from "./messages";
export * from "./names";
export * from "./options";
export * from "./status";
export * from "./version";
export * from "./codec";
export * from "./frame";
export * from "./tsmpi-error";
export * from "./type-tag";
