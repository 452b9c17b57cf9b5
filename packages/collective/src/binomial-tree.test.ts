import { placeInTree, subtreeOf, treeRounds } from "./binomial-tree";

const SIZES = [1, 2, 3, 4, 5, 7, 8, 9, 31, 64];

describe("placeInTree", () => {
  it.each(SIZES)(
    "reaches every one of %i ranks once, from any root, in as many rounds as it should",
    (size) => {
      for (let root = 0; root < size; root++) {
        /** The round in which each rank is reached, if a rank serves one child a round, in order. */
        const roundOf = new Map([[root, 0]]);
        const queue = [root];
        for (
          let rank = queue.shift();
          rank !== undefined;
          rank = queue.shift()
        ) {
          const reachedIn = roundOf.get(rank)!;
          placeInTree(rank, size, root).children.forEach((child, i) => {
            expect(roundOf.has(child)).toBe(false);
            expect(placeInTree(child, size, root).parent).toBe(rank);
            roundOf.set(child, reachedIn + i + 1);
            queue.push(child);
          });
        }
        expect(roundOf.size).toBe(size);
        expect(Math.max(...roundOf.values())).toBe(treeRounds(size));
      }
    },
  );

  it("gives the root no parent", () => {
    expect(placeInTree(3, 8, 3).parent).toBeNull();
  });

  it("is the tree of the picture", () => {
    const children = [0, 1, 2, 3, 4, 5, 6, 7].map(
      (rank) => placeInTree(rank, 8, 0).children,
    );
    expect(children).toEqual([[4, 2, 1], [], [3], [], [6, 5], [], [7], []]);
  });
});

describe("subtreeOf", () => {
  it.each(SIZES)(
    "is a rank with the subtrees of its children, nearest child first, %i ranks",
    (size) => {
      for (let root = 0; root < size; root++)
        for (let rank = 0; rank < size; rank++) {
          const { children } = placeInTree(rank, size, root);
          expect(subtreeOf(rank, size, root)).toEqual([
            rank,
            ...[...children]
              .reverse()
              .flatMap((child) => subtreeOf(child, size, root)),
          ]);
        }
    },
  );
});
