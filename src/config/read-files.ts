import { createHash } from 'node:crypto';
import type { ReadFile } from './read-reason.ts';

/** A file that a configuration was read from, or looked for. */
export interface ReadFileState {
  readonly path: string;
  /** Of its text as it was read; {@link UNREADABLE} when it could not be. */
  readonly digest: string;
}

/** Stands for the text of a file that cannot be read, whatever the reason. */
export const UNREADABLE = 'unreadable';

/** Short digest of a file's text: equal texts have equal ones. */
export function textDigest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/** Reads files for somebody and keeps what each held when it was read first. */
export class RecordedFiles {
  /** In the order of reading. */
  private readonly digests: Map<string, string> = new Map();
  private readonly inner: ReadFile;

  constructor(inner: ReadFile) {
    this.inner = inner;
  }

  get states(): ReadFileState[] {
    return Array.from(this.digests, ([path, digest]) => ({ path, digest }));
  }

  /** As the function it records. */
  read(path: string): string {
    try {
      const text = this.inner(path);
      this.keep(path, textDigest(text));
      return text;
    } catch (error) {
      this.keep(path, UNREADABLE);
      throw error;
    }
  }

  private keep(path: string, digest: string): void {
    if (!this.digests.has(path)) this.digests.set(path, digest);
  }
}
