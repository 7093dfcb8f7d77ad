import type { BackendTlsSettings } from '../resilience-settings.ts';
import type { CheckedConfig } from '../schema.ts';
import { isKeyOf, refusalOf } from '../sections/pem-field.ts';
import type { Findings } from './findings.ts';

const PAIR = ['cert', 'cert_file', 'key', 'key_file'];

/** Settings of connections to HTTPS backends; the rules between certificate and key are checked here. */
export function resolveBackendTls(
  path: readonly string[],
  block: CheckedConfig['backend_tls'],
  findings: Findings,
): BackendTlsSettings {
  const { ca = null, cert = null, key = null } = block;
  checkPair(path, { cert, key }, findings);
  if (!block.verify && findings.isWritten([...path, 'verify'].join('.')))
    findings.add(
      'warning',
      [...path, 'verify'],
      'any certificate is taken: whoever answers can read and change everything',
    );
  return { verify: block.verify, ca, certificate: cert, key, serverName: block.server_name ?? null };
}

function checkPair(
  path: readonly string[],
  { cert, key }: { readonly cert: string | null; readonly key: string | null },
  findings: Findings,
): void {
  const isSound = PAIR.every((name) => findings.isSound([...path, name].join('.')));
  // A pair that is inherited was checked where it is written.
  if (!PAIR.some((name) => findings.isWritten([...path, name].join('.')))) return;
  if (!isSound || !findings.isSound(path.slice(0, 2).join('.'))) return;
  if (cert !== null && key === null && !findings.isFailed([...path, 'key_file']))
    findings.add('error', [...path, 'cert'], 'a client certificate without its key', 'key or key_file beside it');
  if (key !== null && cert === null && !findings.isFailed([...path, 'cert_file']))
    findings.add('error', [...path, 'key'], 'a key without its client certificate', 'cert or cert_file beside it');
  if (cert === null || key === null) return;
  if (!isKeyOf(cert, key)) {
    findings.add('error', [...path, 'key'], 'is not the key of the client certificate');
    return;
  }
  const refusal = refusalOf(cert, key);
  if (refusal !== null)
    findings.add(
      'error',
      [...path, 'cert'],
      `is refused by OpenSSL: ${refusal}`,
      'what OpenSSL takes, such as RSA keys of 2048 bits',
    );
}
