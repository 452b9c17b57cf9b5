// Prints the ids of the cases of the modules that are named, as JSON; starts no runtime.
import { catalogue } from "./catalogue.mts";

const entries = await catalogue(process.argv.slice(2));
console.log(JSON.stringify(entries.map(({ id }) => id)));
