// With --require: this process and its threads speak protocol version 99.
const version = require("@tsmpi/protocol/dist/version.js");

Object.defineProperty(version, "PROTOCOL_VERSION", { value: 99 });
