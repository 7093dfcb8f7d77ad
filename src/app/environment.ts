/** Environment variables of the process; only the command line reads them (DESIGN.md 2). */
export type Environment = Readonly<Record<string, string | undefined>>;
