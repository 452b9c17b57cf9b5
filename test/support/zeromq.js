// A native library lives once in a process; jest would load it again for each test file, which ZeroMQ does not survive.
module.exports = globalThis.requireOnce("zeromq");
