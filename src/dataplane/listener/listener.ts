import { createServer, type Server, type Socket } from 'node:net';
import { loadCrypto } from '../../base/crypto-module.ts';
import type { ErrorCode } from '../../base/errors/catalogue.ts';
import { ownForwardedFields } from '../../base/http/forwarded-fields.ts';
import { RequestHeadParser } from '../../base/http1/request-head-parser.ts';
import { CidrSet, normalizeAddress } from '../../base/net/cidr.ts';
import { clientNetwork } from '../../base/net/client-network.ts';
import type { TimerWheel } from '../../base/time/timer-wheel.ts';
import type { ListenerSettings } from '../../config/resolved-config.ts';
import { type ClientConnections, NOT_COUNTED } from '../../shared-memory/client-connections.ts';
import { HELD, type HeldValues } from '../../shared-memory/held.ts';
import type { WorkerMetrics } from '../../telemetry/metrics/worker-metrics.ts';
import type { ExchangeEntry, ExchangeOrigin } from '../exchange/exchange.ts';
import { type ConnectionEnds, endsOf } from '../exchange/connection-ends.ts';
import type { ListenerTraits } from '../exchange/listener-traits.ts';
import { fenced } from '../wire/fence.ts';
import { openWire } from '../wire/open.ts';
import { bufferedBytes } from '../wire/buffered-bytes.ts';
import type { ConnectionContext, DrainableConnection, OpenH2 } from './connection-context.ts';
import type { Wire, WireOwner } from '../wire/wire.ts';
import { intakeOf } from './proxy-header-intake.ts';
import { Http1Connection } from './http1/connection.ts';

/** Idle connections get this long after the start of a drain to send one more request, which is answered with a close. */
const IDLE_GRACE_MS = 1_000;

const NO_DESCRIPTOR = -1;

/** What a listener needs of its worker. */
export interface ListenerEnvironment {
  readonly settings: ListenerSettings;
  readonly entry: ExchangeEntry;
  readonly wheel: TimerWheel;
  readonly held: HeldValues;
  readonly clients: ClientConnections;
  readonly metrics: WorkerMetrics;
  /** Pseudonym of this instance in Via. */
  readonly via: string;
  /** Seed of the hash that counts clients. */
  readonly clientSeed: string;
  /** Bytes of buffers above which new connections are refused. */
  readonly bufferBudgetBytes: number;
}

/** What a server can listen on. */
export type ListenTarget = Parameters<Server['listen']>[0];

/** Accepts connections of one listener in one worker, within its limits. */
export class Listener implements ConnectionContext {
  readonly settings: ListenerSettings;
  readonly parser: RequestHeadParser;
  readonly wheel: TimerWheel;
  readonly entry: ExchangeEntry;
  draining = false;
  private readonly environment: ListenerEnvironment;
  private readonly servers: Server[] = [];
  private readonly connections: Set<DrainableConnection> = new Set();
  private readonly trusted: CidrSet;
  private traits: ListenerTraits;
  private openH2: OpenH2 | null = null;

  constructor(environment: ListenerEnvironment) {
    this.environment = environment;
    this.settings = environment.settings;
    this.parser = new RequestHeadParser(environment.settings.limits);
    this.wheel = environment.wheel;
    this.entry = environment.entry;
    this.trusted = new CidrSet(environment.settings.trustedProxies);
    this.traits = this.traitsOf(0);
  }

  /**
   * Starts to accept; resolves when the kernel listens. Called once for every socket of the listener: a predecessor may have
   * had more of them than there are workers now.
   *
   * @returns the descriptor of the socket; negative where the system has none
   */
  async listen(target: ListenTarget): Promise<number> {
    // Loaded when a listener speaks it only: node:http2 costs every worker 8 MB.
    if (this.settings.protocol === 'h2c') this.openH2 = (await import('./h2/connection.ts')).openH2;
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (socket) =>
      fenced(() => this.accept(socket)),
    );
    this.servers.push(server);
    await bind(server, target);
    const address = server.address();
    this.traits = this.traitsOf(address !== null && typeof address === 'object' ? address.port : 0);
    return descriptorOf(server);
  }

  /** Connections that are open. */
  get size(): number {
    return this.connections.size;
  }

  /** Stops accepting; every connection closes after the request it carries, idle ones after a grace. */
  drain(): void {
    this.draining = true;
    for (const server of this.servers) server.close();
    setTimeout(() => fenced(() => this.closeIdle()), IDLE_GRACE_MS).unref();
  }

  /** Closes everything at once. */
  destroy(): void {
    for (const server of this.servers) server.close();
    for (const connection of this.connections) connection.destroy();
  }

  closed(connection: DrainableConnection, entry: number): void {
    if (!this.connections.delete(connection)) return;
    this.environment.held.add(HELD.connections, -1);
    this.environment.clients.leave(entry);
  }

  private closeIdle(): void {
    for (const connection of this.connections) connection.drain();
  }

  private accept(socket: Socket): void {
    const { held, metrics } = this.environment;
    metrics.count('connections_accepted');
    held.add(HELD.connections, 1);
    const peer = peerOf(socket);
    if (this.sendsHeader(peer) && this.refusalOf(NOT_COUNTED) === null) this.awaitHeader(socket, peer);
    else this.serve({ socket, peer, ends: socket, open: (owner) => openWire(socket, owner) }, null);
  }

  /** A peer that is trusted must tell of its clients; nobody else is heard (docs/proxy-protocol.md). */
  private sendsHeader(peer: string): boolean {
    return this.settings.proxyProtocol && (peer === '' || this.trusted.has(peer));
  }

  private awaitHeader(socket: Socket, peer: string): void {
    const intake: DrainableConnection = intakeOf(socket, this, {
      headerRead: (connection, open) => {
        this.connections.delete(intake);
        const own = { socket, peer, ends: socket, open };
        const told = connection && { peer: connection.source.address, ends: endsOf(connection) };
        return this.serve({ ...own, ...told }, null);
      },
      headerInvalid: (open) => {
        this.connections.delete(intake);
        this.serve({ socket, peer, ends: socket, open }, 'proxy_header_invalid');
      },
      headerMissing: () => this.closed(intake, NOT_COUNTED),
    });
    this.connections.add(intake);
  }

  /**
   * Serves a connection whose client is known.
   *
   * @param failure what it is refused for, or null
   * @returns what takes bytes that were read already; null = the socket itself does
   */
  private serve({ socket, peer, ends, open }: AcceptedConnection, failure: ErrorCode | null): WireOwner | null {
    const origin = this.originOf(peer, ends);
    const entry = this.clientEntry(peer);
    const refusal = failure ?? this.refusalOf(entry);
    if (refusal !== null) this.environment.metrics.count('connections_refused');
    if (this.settings.protocol === 'h2c' && refusal === null) {
      this.connections.add((this.openH2 as OpenH2)(socket, this, origin, entry));
      return null;
    }
    const connection = new Http1Connection(open, this, origin, entry);
    this.connections.add(connection);
    if (refusal !== null) connection.refuse(refusal);
    return connection;
  }

  private refusalOf(entry: number): ErrorCode | null {
    const { limits } = this.settings;
    const { held, clients, bufferBudgetBytes } = this.environment;
    if (limits.connections > 0 && held.total(HELD.connections) > limits.connections) return 'too_many_connections';
    if (entry !== NOT_COUNTED && clients.total(entry) > limits.connectionsPerClient)
      return 'too_many_client_connections';
    return bufferedBytes() > bufferBudgetBytes ? 'overloaded' : null;
  }

  private clientEntry(address: string): number {
    if (this.settings.limits.connectionsPerClient === 0 || address === '') return NOT_COUNTED;
    const digest = loadCrypto()
      .createHash('sha256')
      .update(`${this.environment.clientSeed} ${clientNetwork(address)}`)
      .digest();
    const key = digest.readBigInt64LE(0);
    return this.environment.clients.join(key === 0n || key === -1n ? 1n : key);
  }

  private traitsOf(port: number): ListenerTraits {
    return { settings: this.settings, port, isTrusted: (address) => this.trusted.has(address) };
  }

  private originOf(peer: string, ends: ConnectionEnds): ExchangeOrigin {
    const { via } = this.environment;
    const own = {
      chain: peer === '' ? 'unknown' : peer,
      client: peer === '' ? 'unknown' : peer,
      proto: 'http',
      port: String(this.traits.port),
      via,
    };
    return {
      traits: this.traits,
      peerAddress: peer,
      ends,
      peerTrusted: peer !== '' && this.trusted.has(peer),
      scheme: 'http',
      forwardedFields: ownForwardedFields(own),
    };
  }
}

/** A connection that is to be served. */
interface AcceptedConnection {
  readonly socket: Socket;
  /** The client's address. */
  readonly peer: string;
  readonly ends: ConnectionEnds;
  readonly open: (owner: WireOwner) => Wire;
}

function peerOf({ remoteAddress = '' }: Socket): string {
  // A link-local peer has a zone, which no rule can name: it stays as it is.
  return normalizeAddress(remoteAddress) ?? remoteAddress;
}

function bind(server: Server, target: ListenTarget): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(target, () => {
      server.off('error', reject);
      server.on('error', () => undefined);
      resolve();
    });
  });
}

/** The handle of a server names its descriptor; there is no public way to learn it. */
function descriptorOf(server: Server): number {
  const { fd } = (Reflect.get(server, '_handle') ?? {}) as { readonly fd?: number };
  return fd ?? NO_DESCRIPTOR;
}
