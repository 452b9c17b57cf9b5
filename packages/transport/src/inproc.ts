import { randomUUID } from "node:crypto";
import { InternalError } from "@tsmpi/protocol";
import type { ListenOptions, Transport } from "./transport";

type Deliver = ListenOptions["onMessage"];

const inboxes = new Map<string, Deliver>();

/** Between ranks of one process: a world of one, and tests. Delivers in a microtask, as a network never delivers at once. */
export const inproc: Transport = {
  async listen({ onMessage }) {
    const endpoint = `inproc://${randomUUID()}`;
    inboxes.set(endpoint, onMessage);
    return { endpoint, close: () => void inboxes.delete(endpoint) };
  },

  connect(endpoint) {
    let open = true;
    return {
      async send(header, payload) {
        if (!open) throw new InternalError(`the link to ${endpoint} is closed`);
        await Promise.resolve();
        // The sender may have lent it.
        inboxes.get(endpoint)?.(header, payload && Buffer.from(payload));
      },
      close() {
        open = false;
      },
    };
  },
};
