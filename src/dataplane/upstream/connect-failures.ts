import type { LeaseFailure } from '../exchange/upstream.ts';
import type { ConnectFailure } from '../wire/open.ts';

/** Why a connection could not be opened, by the system's code; what no row names could be either side's. */
const CONNECT_FAILURES: ReadonlyMap<string, LeaseFailure> = new Map([
  ['ECONNREFUSED', 'backend_connect_refused'],
  ['ENOENT', 'backend_socket_missing'],
  ['EHOSTUNREACH', 'backend_unreachable'],
  ['ENETUNREACH', 'backend_unreachable'],
  ['ETIMEDOUT', 'backend_connect_timeout'],
  ['EADDRNOTAVAIL', 'no_local_address'],
  ['EMFILE', 'no_file_descriptors'],
  ['ENFILE', 'no_file_descriptors'],
]);

/** What OpenSSL's verification and Node's check of the server name call a certificate that is not to be trusted. */
const CERTIFICATE_CODES: ReadonlySet<string> = new Set([
  'CERT_CHAIN_TOO_LONG',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REJECTED',
  'CERT_REVOKED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'CRL_HAS_EXPIRED',
  'CRL_NOT_YET_VALID',
  'CRL_SIGNATURE_FAILURE',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_FORMAT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'HOSTNAME_MISMATCH',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY',
  'UNABLE_TO_DECRYPT_CERT_SIGNATURE',
  'UNABLE_TO_GET_CRL',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/**
 * The code of a failed connection.
 *
 * @param failure null = it did not come about in time
 */
export function leaseFailureOf(failure: ConnectFailure | null): LeaseFailure {
  if (failure === null) return 'backend_connect_timeout';
  if (failure.isTls) return CERTIFICATE_CODES.has(failure.code) ? 'backend_certificate_invalid' : 'backend_tls_failed';
  return CONNECT_FAILURES.get(failure.code) ?? 'backend_connect_failed';
}

/** Whether this machine could not connect to anything: no other address would do better. */
export function isOwnFailure(code: LeaseFailure): boolean {
  return code === 'no_local_address' || code === 'no_file_descriptors';
}
