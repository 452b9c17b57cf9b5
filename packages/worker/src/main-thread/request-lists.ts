import { inspect } from "node:util";
import { ERROR_NUMBERS, RequestError, TsmpiError } from "@tsmpi/protocol";
import { UNDEFINED } from "./constants";
import { Request, REQUEST_NULL } from "./request";
import { Status } from "./status";

/** Requests of whatever values; null is a null request. */
type RequestList = readonly (Request<unknown> | null)[];

/** The value of each request of a list. */
export type ValuesOf<Requests extends RequestList> = {
  -readonly [I in keyof Requests]: Requests[I] extends Request<infer T>
    ? T
    : null;
};

type AnyValue<Requests extends RequestList> = ValuesOf<Requests>[number] | null;
type Statuses = Status[] | null | undefined;

/**
 * Blocks until one of the requests is complete, which it is then.
 *
 * @returns its index and value; UNDEFINED and null if none is active
 */
export function waitAny<const Requests extends RequestList>(
  list: Requests,
  status?: Status | null,
): [index: number, value: AnyValue<Requests>] {
  const requests = requestsIn(list);
  blockUntil(requests, () => firstDone(requests) !== null);
  const [index, , value] = testAny(list, status);
  return [index, value];
}

/** @returns index, true and value of one that is complete; UNDEFINED, whether none is active, and null */
export function testAny<const Requests extends RequestList>(
  list: Requests,
  status?: Status | null,
): [index: number, flag: boolean, value: AnyValue<Requests>] {
  const requests = requestsIn(list);
  const index = firstDone(requests);
  if (index !== null) return [index, true, complete(requests[index]!, status)];
  const flag = !requests.some(({ isActive }) => isActive);
  if (flag) status?.copy(new Status());
  else rest(requests);
  return [UNDEFINED, flag, null];
}

/**
 * Blocks until all requests are complete. If one has failed, the others are complete all the same.
 *
 * @returns their values, null for a send and for a null request
 */
export function waitAll<const Requests extends RequestList>(
  list: Requests,
  statuses?: Statuses,
): ValuesOf<Requests> {
  const requests = requestsIn(list);
  blockUntil(requests, () => requests.every(isOver));
  return completeAll(requests, statuses);
}

/** @returns true and all values if all are complete; else false and null, and none is */
export function testAll<const Requests extends RequestList>(
  list: Requests,
  statuses?: Statuses,
): [flag: false, values: null] | [flag: true, values: ValuesOf<Requests>] {
  const requests = requestsIn(list);
  for (const request of requests) request.poll();
  if (requests.every(isOver))
    return [true, completeAll<ValuesOf<Requests>>(requests, statuses)];
  rest(requests);
  return [false, null];
}

/** Blocks until some are complete. @returns their indices and values; nulls if none is active */
export function waitSome<const Requests extends RequestList>(
  list: Requests,
  statuses?: Statuses,
): [indices: number[] | null, values: AnyValue<Requests>[] | null] {
  const requests = requestsIn(list);
  blockUntil(requests, () => firstDone(requests) !== null);
  return testSome(list, statuses);
}

/** @returns indices and values of those that are complete; nulls if none is active */
export function testSome<const Requests extends RequestList>(
  list: Requests,
  statuses?: Statuses,
): [indices: number[] | null, values: AnyValue<Requests>[] | null] {
  const requests = requestsIn(list);
  if (!requests.some(({ isActive }) => isActive)) return [null, null];
  const done = requests.flatMap((request, index) =>
    request.poll() ? [index] : [],
  );
  if (done.length === 0) rest(requests);
  const values = completeAll<AnyValue<Requests>[]>(
    done.map((index) => requests[index]!),
    statuses,
  );
  return [done, values];
}

/** Like `testAny`, and no request is complete by it. */
export function getStatusAny(
  list: RequestList,
  status?: Status | null,
): [index: number, flag: boolean] {
  const requests = requestsIn(list);
  const index = firstDone(requests);
  if (index !== null) {
    requests[index]!.Get_status(status);
    return [index, true];
  }
  const flag = !requests.some(({ isActive }) => isActive);
  if (flag) status?.copy(new Status());
  return [UNDEFINED, flag];
}

/** Like `testAll`, and no request is complete by it. */
export function getStatusAll(list: RequestList, statuses?: Statuses): boolean {
  const requests = requestsIn(list);
  const isAll = requests.every(isOver);
  if (isAll && statuses)
    requests.forEach((request, index) => {
      const status = new Status();
      request.Get_status(status);
      put(statuses, index, status);
    });
  return isAll;
}

/** Like `testSome`, and no request is complete by it. @returns indices; null if none is active */
export function getStatusSome(
  list: RequestList,
  statuses?: Statuses,
): number[] | null {
  const requests = requestsIn(list);
  if (!requests.some(({ isActive }) => isActive)) return null;
  const done = requests.flatMap((request, index) =>
    request.poll() ? [index] : [],
  );
  done.forEach((index, i) => {
    const status = new Status();
    requests[index]!.Get_status(status);
    if (statuses) put(statuses, i, status);
  });
  return done;
}

/** @throws {RequestError} one is no request */
const requestsIn = (list: RequestList): readonly Request[] =>
  Array.from(list, (request) => {
    if (request === null) return REQUEST_NULL;
    if (request instanceof Request) return request;
    throw new RequestError(
      `expecting a list of requests, and ${inspect(request)} is none`,
    );
  });

/** Nothing was complete. */
const rest = (requests: readonly Request[]): void =>
  requests.find(({ isActive }) => isActive)?.rest();

const isOver = (request: Request): boolean =>
  !request.isActive || request.poll() !== null;

/** The first request that has an outcome. */
function firstDone(requests: readonly Request[]): number | null {
  const index = requests.findIndex((request) => request.poll() !== null);
  return index < 0 ? null : index;
}

/** All requests are of this rank: whichever blocks takes in what arrives for any of them. */
function blockUntil(requests: readonly Request[], isDone: () => boolean): void {
  const active = requests.find((request) => request.isActive);
  if (active && !isDone()) active.block(isDone);
}

function complete(request: Request, status?: Status | null): never {
  const outcome = request.poll();
  return (
    outcome ? request.take(outcome, status) : request.wait(status)
  ) as never;
}

function completeAll<Values>(
  requests: readonly Request[],
  statuses: Statuses,
): Values {
  let failure: { readonly error: unknown } | null = null;
  const values = requests.map((request, index) => {
    const status = new Status();
    try {
      return complete(request, status);
    } catch (error) {
      failure ??= { error };
      status.error = numberOf(error);
      return null;
    } finally {
      if (statuses) put(statuses, index, status);
    }
  });
  if (failure) throw (failure as { readonly error: unknown }).error;
  return values as Values;
}

const numberOf = (error: unknown): number =>
  error instanceof TsmpiError
    ? error.Get_error_code()
    : ERROR_NUMBERS.ERR_OTHER;

/** Into the status that is there, or behind those that are. */
function put(statuses: Status[], index: number, status: Status): void {
  const own = statuses[index];
  if (own) own.copy(status);
  else statuses[index] = status;
}
