import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A folder for the PATH with a program `doppler` that does what a test says. */
export class FakeDoppler {
  /** To be put in front of the PATH. */
  readonly folder: string;
  /** What it was started with, one line for each start. */
  readonly callsFile: string;

  /**
   * @param root a folder of the test
   * @param script lines of a shell; `$CALLS` is the number of this start, counted from 1
   */
  constructor(root: string, script: string, mode = 0o755) {
    this.folder = join(root, 'bin');
    this.callsFile = join(root, 'calls');
    mkdirSync(this.folder, { recursive: true });
    writeFileSync(this.callsFile, '');
    const head = `#!/bin/sh\necho "$*" >>'${this.callsFile}'\nCALLS=$(wc -l <'${this.callsFile}')\n`;
    const file = join(this.folder, 'doppler');
    writeFileSync(file, `${head}${script}\n`);
    chmodSync(file, mode);
  }

  /** The PATH with the program in front. */
  get path(): string {
    return `${this.folder}:/usr/bin:/bin`;
  }
}
