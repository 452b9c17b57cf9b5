/** Version of everything that goes over the wire. Ranks of one job must agree on it; the coordinator refuses others. */
export const PROTOCOL_VERSION = 4;
