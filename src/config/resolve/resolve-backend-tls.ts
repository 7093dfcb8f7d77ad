import type { BackendTlsSettings } from '../resilience-settings.ts';
import type { CheckedConfig } from '../schema.ts';
import { isKeyOf } from '../sections/pem-field.ts';
import type { Findings } from './findings.ts';

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
  const isSound = ['cert', 'cert_file', 'key', 'key_file'].every((name) => findings.isSound([...path, name].join('.')));
  if (!isSound || !findings.isSound(path.slice(0, 2).join('.'))) return;
  if (cert !== null && key === null && !findings.isFailed([...path, 'key_file']))
    findings.add('error', [...path, 'cert'], 'a client certificate without its key', 'key or key_file beside it');
  if (key !== null && cert === null && !findings.isFailed([...path, 'cert_file']))
    findings.add('error', [...path, 'key'], 'a key without its client certificate', 'cert or cert_file beside it');
  if (cert !== null && key !== null && !isKeyOf(cert, key))
    findings.add('error', [...path, 'key'], 'is not the key of the client certificate');
}
