import { createHash } from 'node:crypto';
import { type FSWatcher, watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** Editors and `kubectl` write in several steps; what comes within this time is one change. */
const SETTLE_MS = 300;
/** A folder in which something happens all the time is looked at this often all the same. */
const LONGEST_SETTLE_MS = 2_000;

/**
 * Watches files by their folders: a watch on a file itself goes deaf after the first atomic rename, and Kubernetes swaps a link
 * beside the file (`..data`). A change is a change of content, so that a touch or a neighbour's change is none.
 */
export class FileWatch {
  private readonly onChange: () => void;
  private readonly onProblem: (folder: string, code: string) => void;
  private readonly folders: Map<string, FSWatcher> = new Map();
  private files: readonly string[] = [];
  private known = '';
  private timer: NodeJS.Timeout | null = null;
  private firstMs = 0;
  private isClosed = false;

  /** @param onProblem a folder cannot be watched; told once per folder */
  constructor(onChange: () => void, onProblem: (folder: string, code: string) => void) {
    this.onChange = onChange;
    this.onProblem = onProblem;
  }

  /** Watches these files from now on, whether they exist or not; what they hold now is the state to compare with. */
  async follow(files: readonly string[]): Promise<void> {
    this.files = [...new Set(files.map((file) => resolve(file)))].toSorted();
    const wanted = new Set(this.files.map((file) => dirname(file)));
    for (const [folder, watcher] of this.folders) {
      if (wanted.has(folder)) continue;
      watcher.close();
      this.folders.delete(folder);
    }
    for (const folder of wanted) if (!this.folders.has(folder)) this.watchFolder(folder);
    this.known = await digestOf(this.files);
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
      void this.compare();
    }, delayMs).unref();
  }

  private async compare(): Promise<void> {
    const { files } = this;
    const digest = await digestOf(files);
    if (this.isClosed || files !== this.files || digest === this.known) return;
    this.known = digest;
    this.onChange();
  }
}

/** Over names and contents; a file that cannot be read counts by its reason. */
async function digestOf(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) {
    const content = await readFile(file).catch((error: NodeJS.ErrnoException) => `\0${error.code}`);
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}
