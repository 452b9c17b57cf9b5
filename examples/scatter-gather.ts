// Rank 0 scatters words, every rank counts letters in its share, rank 0 gathers:  npx tsrun -n 4 examples/scatter-gather.ts
import { MPI } from "tsmpi";

const comm = MPI.COMM_WORLD;

const text =
  "it was the best of times it was the worst of times it was the age of wisdom it was the age of foolishness";
const shares =
  comm.rank === 0
    ? Array.from({ length: comm.size }, (_, rank) =>
        text.split(" ").filter((_word, i) => i % comm.size === rank),
      )
    : null;

const words = comm.scatter(shares, 0);
const letters = words.reduce((sum, word) => sum + word.length, 0);
const results = comm.gather({ words: words.length, letters }, 0);

if (results !== null) {
  results.forEach((result, rank) =>
    console.log(
      `rank ${rank} counted ${result.letters} letters in ${result.words} words`,
    ),
  );
  const total = results.reduce((sum, result) => sum + result.letters, 0);
  console.log(`${total} letters in all`);
}
