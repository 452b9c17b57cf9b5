import { ANY_TAG, PROC_NULL } from "./constants";
import { complete } from "./pending";
import type { Begun } from "./request";

/** A receive from PROC_NULL. */
export const fromNobody: Begun<null> = {
  pending: complete(null),
  finish(_, status) {
    status.set({ source: PROC_NULL, tag: ANY_TAG }, 0);
    return null;
  },
};
