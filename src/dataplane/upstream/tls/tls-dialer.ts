import { isIP, type Socket } from 'node:net';
import type { ConnectionOptions, SecureContext, TLSSocket } from 'node:tls';
import { fenced } from '../../wire/fence.ts';
import {
  connectFailure,
  type ConnectFailure,
  type Connecting,
  type ConnectOwner,
  connectSocket,
  type WireTarget,
} from '../../wire/open.ts';
import { StreamWire } from '../../wire/stream-wire.ts';
import type { Dialer } from '../dialer.ts';
import { watchClosingAlert } from './closing-alert.ts';
import { loadTls } from './load-tls.ts';

/** How one backend's connections are secured. */
export interface TlsPeer {
  /** Name that is asked for (SNI) and that the certificate must be for; an address is verified, but not asked for (RFC 6066 3). */
  readonly serverName: string;
  readonly verify: boolean;
  readonly context: SecureContext;
}

/** Gets what a backend said about TLS after the handshake, such as that it wants another client certificate (TLS 1.3). */
export type TlsAlertSink = (cause: string) => void;

/**
 * Opens TLS connections to one backend. The last session is resumed, which saves the backend a signature and both sides a round
 * trip; a session never outlives the settings it was made under, since those make a new dialer.
 */
export class TlsDialer implements Dialer {
  private readonly options: ConnectionOptions;
  private readonly alerted: TlsAlertSink;
  private session: Buffer | null = null;

  constructor({ serverName, verify, context }: TlsPeer, alerted: TlsAlertSink) {
    const { checkServerIdentity } = loadTls();
    this.alerted = alerted;
    this.options = {
      secureContext: context,
      // Only what this program speaks (RFC 7301): a backend that would rather speak HTTP/2 must not begin to.
      ALPNProtocols: ['http/1.1'],
      rejectUnauthorized: verify,
      servername: isIP(serverName) === 0 ? serverName : '',
      // The connection goes to an address: without this, the address would be what the certificate is compared with.
      checkServerIdentity: (_host, certificate) => checkServerIdentity(serverName, certificate),
    };
  }

  connect(target: WireTarget, preface: Buffer | null, owner: ConnectOwner): Connecting {
    return new SecuredConnecting(this, connectSocket(target), preface, owner);
  }

  /** Begins the handshake on a connected socket. */
  secure(socket: Socket): TLSSocket {
    const { session, options } = this;
    const secured = loadTls().connect({ ...options, socket, ...(session === null ? {} : { session }) });
    secured.on('session', (made: Buffer) => (this.session = made));
    return secured;
  }

  /** A connection that was made failed in the TLS layer. */
  alert(error: NodeJS.ErrnoException): void {
    const { code } = error;
    // Without the session that the backend may have made under conditions that no longer hold.
    this.session = null;
    if (code?.startsWith('ERR_SSL') === true) this.alerted(causeOf(error));
  }
}

/** A TLS connection being made: TCP first, then the handshake. */
class SecuredConnecting implements Connecting {
  private readonly dialer: TlsDialer;
  private readonly preface: Buffer | null;
  private readonly owner: ConnectOwner;
  private readonly plain: Socket;
  private secured: TLSSocket | null = null;
  private settled = false;

  constructor(dialer: TlsDialer, plain: Socket, preface: Buffer | null, owner: ConnectOwner) {
    this.dialer = dialer;
    this.preface = preface;
    this.owner = owner;
    this.plain = plain;
    plain.on('error', (error) => this.failed(error));
    plain.once('connect', () => fenced(() => this.handshake()));
  }

  cancel(): void {
    this.settled = true;
    this.secured?.destroy();
    this.plain.destroy();
  }

  private handshake(): void {
    if (this.settled) return;
    if (this.preface !== null) this.plain.write(this.preface);
    const secured = this.dialer.secure(this.plain);
    this.secured = secured;
    const isCutShort = watchClosingAlert(secured);
    secured.on('error', (error) => this.failed(error));
    secured.once('secureConnect', () => {
      if (this.settled) return;
      this.settled = true;
      fenced(() => this.owner.wireOpened((owner) => new StreamWire(secured, owner, isCutShort)));
    });
  }

  private failed(error: NodeJS.ErrnoException): void {
    if (this.settled) {
      if (this.secured !== null) this.dialer.alert(error);
      return;
    }
    this.settled = true;
    if (this.secured !== null) this.dialer.alert(error);
    this.cancel();
    fenced(() => this.owner.wireRefused(this.secured === null ? connectFailure(error) : tlsFailure(error)));
  }
}

function tlsFailure(error: NodeJS.ErrnoException): ConnectFailure {
  return { code: error.code ?? 'EUNKNOWN', text: causeOf(error), isTls: true };
}

/** Node's advice on how to start Node is not for the operators of this program. */
const ADVICE = /; if the root CA is installed locally.*$/;

/** OpenSSL's messages carry the address of a thread and a source file; the reason is what people can look up. */
function causeOf(error: NodeJS.ErrnoException): string {
  const reason: unknown = Reflect.get(error, 'reason');
  const text = typeof reason === 'string' && reason !== '' ? reason : error.message.replace(ADVICE, '');
  return error.code === undefined ? text : `${error.code}: ${text}`;
}
