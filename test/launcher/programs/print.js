// Prints what a rank knows, one JSON object a rank: `print.js VARIABLE…` adds variables of the environment.
const { RANK, WORLD_SIZE, ...env } = process.env;
console.log(
  JSON.stringify({
    rank: Number(RANK),
    size: Number(WORLD_SIZE),
    args: process.argv.slice(2),
    cwd: process.cwd(),
    env: Object.fromEntries(process.argv.slice(2).map((n) => [n, env[n]])),
    main: require.main === module,
  }),
);
