import { createPrivateKey, X509Certificate } from 'node:crypto';

import { field, refuse } from './field.ts';
import type { Field } from './field.ts';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

const BEGIN = /-----BEGIN CERTIFICATE-----/g;

/** Certificates or one key in PEM (RFC 7468); never quoted in a message. */
export function pemField(kind: 'certificates' | 'key'): Field<string> {
  const allowed = kind === 'key' ? 'a private key in PEM, not encrypted' : 'certificates in PEM';
  return field({ type: 'string', 'x-type': 'PEM', 'x-allowed': allowed }, (input) => {
    const text = typeof input === 'string' ? input : '';
    const problem = kind === 'key' ? keyProblem(text) : certificateProblem(text);
    return problem === null ? { value: text } : refuse(problem, { allowed });
  });
}

function certificateProblem(text: string): string | null {
  const certificates = text.match(CERTIFICATE) ?? [];
  if (certificates.length === 0) return 'holds no certificate';
  // A file that is being written: what is missing would be missed without a word.
  if ((text.match(BEGIN) ?? []).length !== certificates.length) return 'ends in the middle of a certificate';
  const wrong = certificates.findIndex((each) => !isCertificate(each));
  return wrong < 0 ? null : `holds a certificate that cannot be read (number ${wrong + 1})`;
}

function isCertificate(text: string): boolean {
  try {
    return new X509Certificate(text).serialNumber !== '';
  } catch {
    return false;
  }
}

function keyProblem(text: string): string | null {
  if (!text.includes('-----BEGIN ')) return 'holds no key';
  if (/^-----BEGIN ENCRYPTED|^Proc-Type: 4,ENCRYPTED/m.test(text)) return 'is encrypted';
  try {
    createPrivateKey(text);
    return null;
  } catch {
    return 'holds no key that can be read';
  }
}

/** Whether a key belongs to the first of some certificates. Both have been read before. */
export function isKeyOf(certificates: string, key: string): boolean {
  const first = certificates.match(CERTIFICATE)?.[0] ?? '';
  return new X509Certificate(first).checkPrivateKey(createPrivateKey(key));
}

/**
 * Why TLS would not show these certificates with this key, in OpenSSL's words, such as `ee key too small` for RSA with 1024 bits;
 * null where it would. Both have been read before.
 */
export function refusalOf(certificates: string, key: string): string | null {
  try {
    process.getBuiltinModule('node:tls').createSecureContext({ ca: [], cert: certificates, key });
    return null;
  } catch (error) {
    const { reason, message } = error as Error & { readonly reason?: string };
    return reason ?? message;
  }
}
