/** Exit status of every command, as each command's help says it. */
export type ExitStatus = typeof EXIT_OK | typeof EXIT_PROBLEM | typeof EXIT_USAGE;

/** It did what was asked, and found nothing wrong. */
export const EXIT_OK = 0;
/** A problem was found, the configuration is refused, or what was asked for cannot be had. */
export const EXIT_PROBLEM = 1;
/** The command line itself is wrong; nothing was done. */
export const EXIT_USAGE = 2;
