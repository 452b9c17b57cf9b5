import { inspect } from "node:util";
import { ArgumentError } from "@tsmpi/protocol";
import type { Agreement } from "../../bridge/calls";
import { Group } from "../group";
import { type Begun, Request } from "../request";
import { Reductions } from "./reductions";

/**
 * ULFM: what a program can do when ranks have failed. It needs a launcher that lets the others live (`tsrun --recovery`), and
 * rank 0 of COMM_WORLD, whose process knows who lives.
 */
export abstract class FaultTolerance extends Reductions {
  /** Every call of this communicator fails from now on, on every rank, whether it is under way or begun later. */
  Revoke(): void {
    const { runtime, context } = this.state;
    runtime.assertUsable();
    runtime.messages.revoke(context);
    runtime.request("revoke", { context }, () => undefined).wait();
  }
  Is_revoked(): boolean {
    const { runtime, context } = this.state;
    runtime.progress();
    return runtime.messages.isRevoked(context);
  }

  /** The ranks of this communicator of which this rank knows that they have failed. */
  Get_failed(): Group {
    return this.groupOf(this.failedRanks());
  }

  /**
   * From now on receives from ANY_SOURCE wait in spite of the failures that are known.
   *
   * @param num_to_ack of the failed ranks; all by default
   * @returns how many have been acknowledged by now
   */
  Ack_failed(num_to_ack: number | null = null): number {
    const { runtime, context } = this.state;
    const failed = this.failedRanks();
    const acknowledged = failed.slice(0, num_to_ack ?? failed.length);
    runtime.messages.acknowledge(context, acknowledged);
    return runtime.messages.acknowledged(context).length;
  }

  /** The bits that all living ranks have set, on all of them, whoever fails meanwhile. */
  Agree(flag: number): number {
    if (flag !== (flag | 0))
      throw new ArgumentError(
        `flag ${inspect(flag)} is no whole number of 32 bits`,
      );
    return new Request(this.#agree(flag, ({ flag: all }) => all)).wait();
  }
  /** @param flag one element, which gets the result */
  Iagree(flag: Int32Array): Request<null> {
    if (!(flag instanceof Int32Array) || flag.length !== 1)
      throw new ArgumentError("Iagree takes an Int32Array of one element");
    return new Request(
      this.#agree(flag[0]!, ({ flag: all }) => {
        flag[0] = all;
        return null;
      }),
    );
  }

  /** A new communicator of the ranks that live, in the same order. */
  Shrink(): this {
    const [comm, request] = this.Ishrink();
    request.wait();
    return comm;
  }
  /** The communicator may be used when the request is complete. */
  Ishrink(): [comm: this, request: Request<null>] {
    const comm = this.unborn();
    const offer = this.state.runtime.nextContextNumber();
    const { group, runtime } = this.state;
    const begun = this.#agree(
      -1,
      ({ failed, offer: number }) => {
        const living = group.filter((rank) => !failed.includes(rank));
        comm.bear(this.derived({ group: living, number }));
        // Only here: where the call fails others may have agreed on it.
        runtime.releaseContextNumber(offer);
        return null;
      },
      offer,
    );
    return [comm, new Request(begun)];
  }

  /** World ranks, in the order in which this rank has learnt of it. */
  protected failedRanks(): number[] {
    const { runtime, group } = this.state;
    runtime.progress();
    return runtime.messages.failedRanks.filter((rank) => group.includes(rank));
  }

  protected groupOf(worldRanks: readonly number[]): Group {
    const ownWorldRank = this.state.runtime.environment.rank;
    return Group.of({ worldRanks, ownWorldRank });
  }

  #agree<T>(
    flag: number,
    finish: (agreement: Agreement) => T,
    offer = 0,
  ): Begun<T> {
    const { runtime, context, group } = this.state;
    const number = this.state.agreements++;
    const args = { context, number, group, flag, offer };
    const timeoutMs = this.deadlineMs;
    return { ...runtime.begin("agree", args, finish), timeoutMs };
  }
}
