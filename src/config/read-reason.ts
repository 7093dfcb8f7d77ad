/** Reads a whole text file; throws as `fs.readFileSync` does. */
export type ReadFile = (path: string) => string;

const REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['ENOTDIR', 'a part of the path is not a folder'],
  ['EISDIR', 'it is a folder'],
  ['EFBIG', 'it has more than 32 MiB'],
  ['EACCES', 'this user may not read it'],
  ['EPERM', 'this user may not read it'],
]);

/**
 * Why a file cannot be read, in words.
 *
 * @throws the error itself when it is none of the file system's: that is a defect here, not of the file
 */
export function readReason(error: unknown): string {
  const code = codeOf(error);
  if (code === null) throw error;
  return REASONS.get(code) ?? code;
}

/** Whether an error says that there is no such file. */
export function isMissing(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}
