// Each rank sees a number space of processes of its own, as in a container of its own.
const fs = require("node:fs");

const { readlinkSync } = fs;
fs.readlinkSync = (path, ...rest) =>
  path === "/proc/self/ns/pid"
    ? `pid:[${process.env.RANK}]`
    : readlinkSync(path, ...rest);
