import { ownForwardedFields } from '../../src/base/http/forwarded-fields.ts';
import { RequestHeadParser } from '../../src/base/http1/request-head-parser.ts';
import { OpenStreams } from '../../src/dataplane/proxy/streams/open-streams.ts';
import { TimerWheel } from '../../src/base/time/timer-wheel.ts';
import type { CompiledRoute } from '../../src/dataplane/exchange/compiled-route.ts';
import type { LeaseWaiter, UpstreamBackend } from '../../src/dataplane/exchange/upstream.ts';
import { createForwardedFilter } from '../../src/dataplane/filters/forwarded/forwarded-filter.ts';
import { createLoopFilter } from '../../src/dataplane/filters/loop/loop-filter.ts';
import { methodsFilter } from '../../src/dataplane/filters/methods/methods-filter.ts';
import { Http1Connection } from '../../src/dataplane/listener/http1/connection.ts';
import { Pipeline } from '../../src/dataplane/pipeline/pipeline.ts';
import { RequestIds } from '../../src/dataplane/pipeline/request-ids.ts';
import { type ConnectionPool, Http1UpstreamConnection } from '../../src/dataplane/upstream/http1/connection.ts';
import { HeldValues } from '../../src/shared-memory/held.ts';
import { createRegions } from '../../src/shared-memory/regions.ts';
import { WorkerMetrics } from '../../src/telemetry/metrics/worker-metrics.ts';
import { TEST_ORIGIN } from '../support/connection-origin.ts';
import { MemoryWire } from '../support/memory-wire.ts';
import { LenientReader } from './lenient-reader.ts';
import { FUZZ_LISTENER } from './listener-settings.ts';

const PEER = '192.0.2.1';
const VIA = 'rwwwrse-fuzz';
const regions = createRegions(1);
const metrics = new WorkerMetrics(regions, 0);
const held = new HeldValues(regions, 0);
const parser = new RequestHeadParser(FUZZ_LISTENER.limits);
const wheel = new TimerWheel(0);

/** What one lease of a backend connection brought. */
export class Lease {
  /** The connection as the proxy holds it; `text` is everything that the proxy wrote. */
  readonly wire: MemoryWire;
  /** The requests that a lenient backend sees in it. */
  readonly backend: LenientReader;
  private unanswered = 0;
  private readBytes = 0;

  constructor(wire: MemoryWire) {
    this.wire = wire;
    this.backend = new LenientReader(() => this.unanswered++);
  }

  /** Lets the backend read what was written and answer what it takes for whole requests; false when there was nothing. */
  serve(answer: Buffer): boolean {
    const { text } = this.wire;
    this.backend.read(Buffer.from(text.slice(this.readBytes), 'latin1'));
    this.readBytes = text.length;
    if (this.unanswered === 0 || this.wire.closed) return false;
    this.unanswered--;
    this.wire.deliver(answer);
    return true;
  }
}

/** How a proxy in memory is set up. */
export interface MemoryProxyOptions {
  /** The peer's forwarded fields are believed. */
  readonly trusted: boolean;
  /** Bytes of the backend's answer to every request. */
  readonly answer: string;
}

/**
 * The whole HTTP/1 path from a client's bytes to a backend's, without sockets: client connection, filters, attempt loop,
 * outgoing head, backend connection. The backend is lenient and answers whenever it believes that it has a whole request.
 */
export class MemoryProxy {
  readonly client: MemoryWire;
  readonly leases: Lease[] = [];
  /** Connections that went back to the pool. */
  idle = 0;
  private readonly options: MemoryProxyOptions;

  constructor(options: MemoryProxyOptions) {
    this.options = options;
    const route = this.route();
    const requestIds = new RequestIds({ enabled: true, header: 'X-Request-ID', generator: 'counter' });
    const pipeline = new Pipeline(
      () => ({
        requestIds,
        edgeFilters: [createForwardedFilter(VIA), createLoopFilter(VIA), methodsFilter],
        match: () => route,
      }),
      { metrics, held, unmatched: metrics.route(0), log: { finished: () => undefined } },
      () => undefined,
      new OpenStreams({ wheel, held, metrics: metrics.streams }),
    );
    const context = {
      settings: FUZZ_LISTENER,
      parser,
      wheel,
      entry: pipeline,
      draining: false,
      closed: () => undefined,
    };
    const own = { chain: PEER, client: PEER, proto: 'http', port: '8080', via: VIA };
    const origin = {
      traits: { settings: FUZZ_LISTENER, port: 8080, isTrusted: () => true },
      peerAddress: PEER,
      ends: {},
      peerTrusted: options.trusted,
      scheme: 'http' as const,
      forwardedFields: ownForwardedFields(own),
    };
    const connection = new Http1Connection((owner) => new MemoryWire(owner, PEER), context, origin, -1);
    this.client = connection.wire as MemoryWire;
  }

  /** Delivers one read of the client's bytes, then lets the backend answer as long as there is something to answer. */
  deliver(piece: Buffer): void {
    this.client.deliver(piece);
    const answer = Buffer.from(this.options.answer, 'latin1');
    while (this.leases.some((lease) => lease.serve(answer)));
  }

  private route(): CompiledRoute {
    const backend: UpstreamBackend = {
      name: 'http://backend.test',
      authority: 'backend.test',
      basePath: '',
      inFlight: 0,
      isAvailable: true,
      share: 1,
      isAdmitting: true,
      admit: () => true,
      withdrawn: () => undefined,
      acquire: (waiter) => this.lease(waiter),
      waited: () => undefined,
      answered: () => undefined,
      failed: () => undefined,
    };
    return {
      name: 'all',
      pathLabel: '/',
      pathChange: null,
      hostOverride: null,
      preserveHost: true,
      passesAmbiguousPath: true,
      requestTimeoutMs: 0,
      tunnelIdleMs: 0,
      accessLog: true,
      errorPages: [],
      responseTimeoutMs: 60_000,
      requestTrailers: new Set(),
      retry: null,
      peers: [],
      group: { select: () => backend },
      filters: [],
      series: metrics.route(1),
    };
  }

  /** Every lease gets a connection of its own, so that its bytes are those of one request. */
  private lease(waiter: LeaseWaiter): void {
    const pool: ConnectionPool = {
      wheel,
      idleTimeoutMs: 60_000,
      bodyIdleTimeoutMs: 60_000,
      connectionIdle: () => this.idle++,
      connectionOver: () => undefined,
    };
    const connection = new Http1UpstreamConnection((owner) => new MemoryWire(owner, '198.51.100.1'), pool, TEST_ORIGIN);
    this.leases.push(new Lease(connection.wire as MemoryWire));
    waiter.leaseGranted(connection);
  }
}
