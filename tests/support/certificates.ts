import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { createFolder } from './yaml-program.ts';

/** Why tests with certificates are skipped, or false when they can be made. */
export const MISSING_OPENSSL: string | false =
  spawnSync('openssl', ['version']).status === 0 ? false : 'missing: openssl';

/** A certificate with its key, as PEM text and as files. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
  readonly certificateFile: string;
  readonly keyFile: string;
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** A certificate authority made for one test. */
export class Authority {
  readonly own: Certificate;
  private readonly folder: string;
  private count = 0;

  constructor(folder: string) {
    this.folder = folder;
    const files = this.files('ca');
    const subject = ['-subj', '/CN=test authority', '-addext', 'basicConstraints=critical,CA:TRUE'];
    openssl(['req', '-x509', ...NEW_KEY, ...subject, '-keyout', files.key, '-out', files.certificate]);
    this.own = read(files);
  }

  /** A certificate of this authority for these names, such as `DNS:a.test` or `IP:127.0.0.1`; `days` below 0 = it is over. */
  issue(names: readonly string[], days = 2): Certificate {
    const files = this.files(`issued-${this.count++}`);
    const request = `${files.certificate}.request`;
    const subject = ['-subj', '/CN=issued', '-addext', `subjectAltName=${names.join(',')}`];
    openssl(['req', ...NEW_KEY, ...subject, '-keyout', files.key, '-out', request]);
    const signed = ['-CA', this.own.certificateFile, '-CAkey', this.own.keyFile, '-copy_extensions', 'copy'];
    openssl(['x509', '-req', '-in', request, ...signed, '-days', String(days), '-out', files.certificate]);
    return read(files);
  }

  private files(name: string): { certificate: string; key: string } {
    return { certificate: join(this.folder, `${name}.pem`), key: join(this.folder, `${name}.key`) };
  }
}

/** Makes an authority; its files go with the test. */
export function createAuthority(context: TestContext): Authority {
  return new Authority(createFolder(context));
}

function openssl(args: readonly string[]): void {
  const { status, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`openssl: ${stderr}`);
}

function read(files: { certificate: string; key: string }): Certificate {
  return {
    certificate: readFileSync(files.certificate, 'utf8'),
    key: readFileSync(files.key, 'utf8'),
    certificateFile: files.certificate,
    keyFile: files.key,
  };
}
