import assert from 'node:assert/strict';
import { connect, createServer, type AddressInfo } from 'node:net';
import test, { type TestContext } from 'node:test';
import { connect as connectTls, type SecureVersion, TLSSocket } from 'node:tls';

import { watchClosingAlert } from '../../src/dataplane/upstream/tls/closing-alert.ts';
import { type Certificate, createAuthority, MISSING_OPENSSL } from '../support/certificates.ts';

/** How a backend ends: by TLS or by TCP alone, and with the last bytes or some time after them. */
interface Ending {
  readonly alert: boolean;
  readonly isLate: boolean;
  readonly bytes: number;
  readonly version: SecureVersion;
}

/** A server that answers the first bytes of a connection with some of its own, and ends. */
async function startEnding(
  context: TestContext,
  { certificate, key }: Certificate,
  { alert, isLate, bytes, version }: Ending,
): Promise<number> {
  const server = createServer((plain) => {
    const secured = new TLSSocket(plain, { isServer: true, cert: certificate, key, maxVersion: version });
    for (const socket of [plain, secured]) socket.on('error', () => undefined);
    const end = (): void => void (alert ? secured.end() : plain.destroy());
    secured.once('data', () => secured.write(Buffer.alloc(bytes, 'x'), () => (isLate ? setTimeout(end, 20) : end())));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** Reads one connection to its end; a slow reader stops after every piece. */
async function readToEnd(port: number, isSlow: boolean): Promise<{ bytes: number; isMissing: boolean }> {
  const plain = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).pause();
  await new Promise<void>((resolve) => plain.once('connect', resolve));
  const secured = connectTls({ socket: plain, rejectUnauthorized: false });
  const isMissing = watchClosingAlert(secured);
  let bytes = 0;
  secured.on('data', (piece: Buffer) => {
    bytes += piece.length;
    if (isSlow) secured.pause();
    if (isSlow) setTimeout(() => secured.resume(), 1);
  });
  secured.write('begin');
  await new Promise<void>((resolve, reject) => secured.once('end', resolve).once('error', reject));
  secured.destroy();
  return { bytes, isMissing: isMissing() };
}

const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;

for (const alert of [true, false]) {
  test(
    `an end ${alert ? 'with' : 'without'} the closing alert is known as such, to quick and to slow readers`,
    { skip: MISSING_OPENSSL },
    async (t) => {
      const own = createAuthority(t).issue(['DNS:app.test']);
      for (const version of VERSIONS)
        for (const bytes of [2, 20_000, 300_000])
          for (const isLate of [false, true]) {
            const port = await startEnding(t, own, { alert, isLate, bytes, version });
            for (const isSlow of [false, true]) {
              const told = `${version}, ${bytes} bytes, ${isLate ? 'late' : 'at once'}, ${isSlow ? 'slow' : 'quick'}`;
              assert.deepEqual(await readToEnd(port, isSlow), { bytes, isMissing: !alert }, told);
            }
          }
    },
  );
}
