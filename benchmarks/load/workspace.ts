import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a run must end: the head of a process group. */
export interface Endable {
  /** Ends the group politely, then by force; resolves when it is gone. */
  stop(): Promise<void>;
  /** Ends the group at once, without waiting. */
  kill(): void;
}

/** Everything that a run leaves on the machine while it lasts: one temporary folder and the process groups it started. */
export class Workspace {
  readonly folder: string;
  readonly #running: Set<Endable>;

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'rwwwrse-bench-'));
    // Workers that drop their rights (nginx as nobody) read bodies and write logs in here.
    chmodSync(this.folder, 0o755);
    this.#running = new Set();
  }

  /** From now on `program` is ended with the run. */
  add(program: Endable): void {
    this.#running.add(program);
  }

  /** `program` has ended. */
  remove(program: Endable): void {
    this.#running.delete(program);
  }

  /** Ends all programs politely and removes the folder. */
  async close(): Promise<void> {
    await Promise.all([...this.#running].map((program) => program.stop()));
    this.closeNow();
  }

  /** The same without waiting, for signals and exits; may be called again. */
  closeNow(): void {
    for (const program of this.#running) program.kill();
    this.#running.clear();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
