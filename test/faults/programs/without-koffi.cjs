// A platform for which koffi is not there.
const Module = require("node:module");

const load = Module._load;
Module._load = function (request, ...rest) {
  if (request === "koffi")
    throw new Error("Cannot find the native Koffi module");
  return load.call(this, request, ...rest);
};
