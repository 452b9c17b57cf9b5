/** Hosts that are network namespaces, what each can send, and what runs there. */
export const HOSTS = { count: 2, ranksPerHost: 2, mbitPerS: 1_000 } as const;
