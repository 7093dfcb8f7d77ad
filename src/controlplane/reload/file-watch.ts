import { type FSWatcher, watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type ReadFileState, textDigest, UNREADABLE } from '../../config/read-files.ts';

/** Editors and `kubectl` write in several steps; what comes within this time is one change. */
const SETTLE_MS = 300;
/** A folder in which something happens all the time is looked at this often all the same. */
const LONGEST_SETTLE_MS = 2_000;

/**
 * Watches files by their folders: a watch on a file itself goes deaf after the first atomic rename, and Kubernetes swaps a link
 * beside the file (`..data`). A change is a text other than the one that was read for the configuration, so that a touch or a
 * neighbour's change is none, and that what changed between the reading and the watching is not missed.
 */
export class FileWatch {
  private readonly onChange: () => void;
  private readonly onProblem: (folder: string, code: string) => void;
  private readonly folders: Map<string, FSWatcher> = new Map();
  private paths: readonly string[] = [];
  /** State that was seen last: a file that nobody reads the same way twice is told once. */
  private seen = '';
  private timer: NodeJS.Timeout | null = null;
  private firstMs = 0;
  private isClosed = false;

  /** @param onProblem a folder cannot be watched; told once per folder */
  constructor(onChange: () => void, onProblem: (folder: string, code: string) => void) {
    this.onChange = onChange;
    this.onProblem = onProblem;
  }

  /** Watches these files from now on, whether they exist or not; one that is not as it was read is a change. */
  follow(files: readonly ReadFileState[]): Promise<void> {
    const states = new Map(files.map(({ path, digest }) => [resolve(path), digest]));
    this.paths = [...states.keys()].toSorted();
    const wanted = new Set(this.paths.map((path) => dirname(path)));
    for (const [folder, watcher] of this.folders) {
      if (wanted.has(folder)) continue;
      watcher.close();
      this.folders.delete(folder);
    }
    for (const folder of wanted) if (!this.folders.has(folder)) this.watchFolder(folder);
    return this.compare(stateText(this.paths, (path) => states.get(path) ?? UNREADABLE));
  }

  close(): void {
    this.isClosed = true;
    if (this.timer !== null) clearTimeout(this.timer);
    for (const watcher of this.folders.values()) watcher.close();
    this.folders.clear();
  }

  private watchFolder(folder: string): void {
    if (this.isClosed) return;
    try {
      const watcher = watch(folder, { persistent: false }, () => this.noticed());
      watcher.on('error', (error: NodeJS.ErrnoException) => {
        this.folders.delete(folder);
        this.onProblem(folder, error.code ?? 'EUNKNOWN');
      });
      this.folders.set(folder, watcher);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // A default place that nobody uses.
      if (code !== 'ENOENT') this.onProblem(folder, code ?? 'EUNKNOWN');
    }
  }

  private noticed(): void {
    if (this.isClosed) return;
    const nowMs = performance.now();
    if (this.timer === null) this.firstMs = nowMs;
    else clearTimeout(this.timer);
    const delayMs = Math.min(SETTLE_MS, Math.max(0, this.firstMs + LONGEST_SETTLE_MS - nowMs));
    this.timer = setTimeout(() => {
      this.timer = null;
      void this.compare(null);
    }, delayMs).unref();
  }

  /** @param read state of the files as they were read, or null when that is settled */
  private async compare(read: string | null): Promise<void> {
    const { paths } = this;
    const digests = new Map(await Promise.all(paths.map(async (path) => [path, await digestOf(path)] as const)));
    if (this.isClosed || paths !== this.paths) return;
    const state = stateText(paths, (path) => digests.get(path) ?? UNREADABLE);
    const isKnown = state === read || state === this.seen;
    this.seen = state;
    if (!isKnown) this.onChange();
  }
}

function stateText(paths: readonly string[], digestOfPath: (path: string) => string): string {
  return paths.map((path) => `${path}\0${digestOfPath(path)}`).join('\0');
}

async function digestOf(path: string): Promise<string> {
  return readFile(path, 'utf8').then(textDigest, () => UNREADABLE);
}
