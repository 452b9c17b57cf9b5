// Prints on both streams, and ends with the code that its rank has in argv.
console.log(`out ${process.env.RANK} ${process.env.GREETING} ${process.cwd()}`);
console.error(`err ${process.env.RANK}`);
setTimeout(
  () => process.exit(Number(process.argv[2 + Number(process.env.RANK)])),
  50,
);
