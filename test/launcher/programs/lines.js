// `lines.js COUNT`: prints COUNT numbered lines, a last one without its end, and exits at once.
const { RANK } = process.env;
const count = Number(process.argv[2]);
for (let i = 0; i < count; i++) console.log(`rank ${RANK} line ${i}`);
process.stdout.write(`rank ${RANK} last`);
process.exit(0);
