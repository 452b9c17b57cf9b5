export * from "./dtype";
export * from "./environment";
export * from "./errors";
export * from "./log";
export * from "./messages";
export * from "./names";
export * from "./status";
export * from "./version";
