import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { LogRotation } from '../../config/resolved-config.ts';

const STDOUT = 1;
const FILE_MODE = 0o640;
const NEWLINE = 0x0a;
/** Without O_NONBLOCK the opening of a pipe that nobody reads from would wait for ever. */
const FLAGS = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;

/**
 * A log file that is begun anew at a size. Synchronous: for a thread of its own, which nobody waits for. Lines are never split
 * over two files.
 */
export class RotatingFile {
  private readonly path: string;
  private readonly rotation: LogRotation;
  private fd: number;
  private size: number;
  /** Bytes a file may have, 0 = any number: a pipe or a device cannot be moved away. */
  private limit: number;
  /** The next byte begins a line. */
  private atLineStart = true;

  /** @throws {NodeJS.ErrnoException} when the file cannot be opened: ENXIO for a pipe that nobody reads from */
  constructor(path: string, rotation: LogRotation) {
    this.path = path;
    this.rotation = rotation;
    this.fd = path === 'stdout' ? STDOUT : openLog(path);
    this.size = this.sizeNow();
    this.limit = this.isRegular() ? rotation.maxBytes : 0;
  }

  /**
   * Writes once, as much as the file takes and as may stand before the next rotation.
   *
   * @returns bytes written, at least 1
   * @throws {NodeJS.ErrnoException} of the write; EAGAIN when a pipe is full
   */
  write(bytes: Buffer, at: number): number {
    let length = this.roomFor(bytes, at);
    if (length === 0) {
      this.rotate();
      length = this.roomFor(bytes, at);
    }
    const written = writeSync(this.fd, bytes, at, length);
    this.size += written;
    this.atLineStart = bytes[at + written - 1] === NEWLINE;
    return written;
  }

  /** Ends a line that could not be written to its end, so that what follows is not taken for its rest. */
  endLine(): void {
    if (this.atLineStart) return;
    this.size += writeSync(this.fd, '\n');
    this.atLineStart = true;
  }

  close(): void {
    if (this.fd !== STDOUT) closeSync(this.fd);
  }

  /** Bytes from `at` on that go into this file, whole lines but for the rest of one; 0 = it is full. */
  private roomFor(bytes: Buffer, at: number): number {
    const rest = bytes.length - at;
    if (this.limit === 0 || this.size + rest <= this.limit) return rest;
    const room = this.limit - this.size;
    const lastEnd = room > 0 ? bytes.lastIndexOf(NEWLINE, at + room - 1) : -1;
    if (lastEnd >= at) return lastEnd + 1 - at;
    if (this.atLineStart && this.size > 0) return 0;
    // A line that is longer than a file may be, or the rest of one.
    const lineEnd = bytes.indexOf(NEWLINE, at);
    return lineEnd < 0 ? rest : lineEnd + 1 - at;
  }

  private rotate(): void {
    // Another process, such as this one's successor, may have moved the file already.
    if (this.isCurrent()) {
      for (let age = this.rotation.keep - 1; age >= 1; age--) rename(`${this.path}.${age}`, `${this.path}.${age + 1}`);
      rename(this.path, `${this.path}.1`);
    }
    const before = this.fd;
    this.fd = openLog(this.path);
    closeSync(before);
    this.size = this.sizeNow();
    if (!this.isRegular()) this.limit = 0;
    // It could not be moved: it goes on for another length, as lines are worth more than its size.
    if (this.size >= this.limit) this.size = 0;
  }

  private isCurrent(): boolean {
    try {
      return statSync(this.path).ino === fstatSync(this.fd).ino;
    } catch {
      return false;
    }
  }

  private sizeNow(): number {
    return this.isRegular() ? fstatSync(this.fd).size : 0;
  }

  private isRegular(): boolean {
    return this.fd !== STDOUT && fstatSync(this.fd).isFile();
  }
}

function openLog(path: string): number {
  try {
    return openSync(path, FLAGS, FILE_MODE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  makeFolder(dirname(path));
  return openSync(path, FLAGS, FILE_MODE);
}

/** Step by step: the runtime's own way never ends where the system refuses with ENOENT, such as below /proc. */
function makeFolder(path: string): void {
  const parent = dirname(path);
  if (parent !== path && !existsSync(parent)) makeFolder(parent);
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Moves a file; one that is not there, or a folder that may not be changed, is no reason to lose lines. */
function rename(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch {
    // The next rotation tries again.
  }
}
