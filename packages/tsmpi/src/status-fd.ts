/** The file descriptor on which ranks report to their launcher: the first behind stdin, stdout and stderr. */
export const STATUS_FD = 3;

/** The file descriptor on which a launcher that lets the others live tells rank 0 which ranks have ended. */
export const NEWS_FD = 4;
