/** The file descriptor on which ranks report to their launcher: the first behind stdin, stdout and stderr. */
export const STATUS_FD = 3;
