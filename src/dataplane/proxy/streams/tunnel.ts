import { loadCrypto } from '../../../base/crypto-module.ts';
import { Timer, type TimerOwner } from '../../../base/time/timer-wheel.ts';
import { closeFrame, GOING_AWAY } from '../../../base/websocket/close-frame.ts';
import { FrameTracker } from '../../../base/websocket/frame-tracker.ts';
import type { TunnelEnd } from '../../../telemetry/metrics/families.ts';
import type { Exchange } from '../../exchange/exchange.ts';
import type { OpenStream } from '../../exchange/open-stream.ts';
import type { OpenStreams } from './open-streams.ts';
import { type FlowOwner, TunnelFlow } from './tunnel-flow.ts';

/** How long a peer may take to answer a Close frame, and how long to close its connection after our FIN. */
const CLOSE_WAIT_MS = 2_000;
const FIN_WAIT_MS = 1_000;
/** How long what is left of one side may take once the other one is closed. */
const REST_MS = 30_000;

/** What the timer waits for. */
const IDLE = 1;
const PEER_CLOSE = 2;
const PEER_FIN = 3;
const REST = 4;

const CLOSE_TO_CLIENT = closeFrame(GOING_AWAY, null);

/**
 * What lies between the two connections of a tunnel: counts, ends it when nothing moves, and takes leave of both sides of a
 * WebSocket. Pins its exchange and so its route, never a snapshot (DESIGN.md 4).
 *
 * Leave is taken with a Close frame to the client between two frames of the backend. The client's answer goes to the backend like
 * everything that the client sent before it, so that nothing of it is lost; a client that does not answer is spoken for. The
 * backend then closes, as after every Close (RFC 6455 7.1.1).
 */
export class Tunnel implements OpenStream, FlowOwner, TimerOwner {
  readonly toBackend: TunnelFlow;
  readonly toClient: TunnelFlow;
  private readonly streams: OpenStreams;
  private readonly exchange: Exchange;
  private readonly idleMs: number;
  private readonly isWebSocket: boolean;
  private readonly timer: Timer = new Timer(this);
  private end: TunnelEnd | null = null;
  private leaving = false;
  private sidesOver = 0;

  /** @param idleMs longest silence of both sides; 0 = no limit */
  constructor(streams: OpenStreams, exchange: Exchange, idleMs: number, isWebSocket: boolean) {
    this.streams = streams;
    this.exchange = exchange;
    this.idleMs = idleMs;
    this.isWebSocket = isWebSocket;
    this.toBackend = new TunnelFlow(this, isWebSocket ? new FrameTracker(true) : null);
    this.toClient = new TunnelFlow(this, isWebSocket ? new FrameTracker(false) : null);
    streams.opened(this, isWebSocket ? 'websocket' : 'other');
    streams.wheel.arm(this.timer, idleMs, IDLE);
  }

  goAway(): void {
    if (this.isWebSocket) this.leave('drain');
    else this.end ??= 'drain';
  }

  cut(): void {
    this.end ??= 'cut';
    this.toClient.finish(CLOSE_TO_CLIENT);
    this.toBackend.finish(maskedClose());
    this.closeBoth();
  }

  over(): void {
    this.exchange.bytesReceived = this.toBackend.bytes;
    this.streams.closed(this, this.isWebSocket ? 'websocket' : 'other');
    this.streams.metrics.tunnelClosed(this.end ?? 'cut');
  }

  flowMoved(flow: TunnelFlow, bytes: number): void {
    if (flow === this.toClient) this.streams.metrics.sentToClient(bytes);
    else this.streams.metrics.sentToBackend(bytes);
    if (!this.leaving) this.streams.wheel.arm(this.timer, this.idleMs, IDLE);
  }

  flowEnded(flow: TunnelFlow): void {
    this.end ??= flow === this.toClient ? 'backend' : 'client';
  }

  flowClosed(flow: TunnelFlow): void {
    if (flow === this.toClient) this.streams.wheel.arm(this.timer, CLOSE_WAIT_MS, PEER_CLOSE);
  }

  flowOver(): void {
    this.sidesOver++;
    if (this.sidesOver === 2) this.streams.wheel.remove(this.timer);
    else if (!this.leaving) this.streams.wheel.arm(this.timer, REST_MS, REST);
  }

  timerExpired(timer: Timer): void {
    if (timer.purpose === IDLE) this.endIdle();
    else if (timer.purpose === PEER_CLOSE) this.speakForClient();
    else this.closeBoth();
  }

  private endIdle(): void {
    this.end ??= 'idle';
    this.leave('idle');
    // Nothing says when the frame ends that a silent side is in the middle of.
    if (!this.toClient.isClosed || !this.isWebSocket) this.closeBoth();
  }

  private leave(end: TunnelEnd): void {
    if (this.leaving) return;
    this.leaving = true;
    this.end ??= end;
    this.streams.wheel.disarm(this.timer);
    // A side that has closed already waits for the other's answer, not for ours.
    if (this.toBackend.isClosed || this.toClient.isClosed)
      this.streams.wheel.arm(this.timer, CLOSE_WAIT_MS, PEER_CLOSE);
    else this.toClient.closeWith(CLOSE_TO_CLIENT);
  }

  private speakForClient(): void {
    this.toBackend.finish(maskedClose());
    this.toClient.finish(null);
    this.streams.wheel.arm(this.timer, FIN_WAIT_MS, PEER_FIN);
  }

  private closeBoth(): void {
    this.toBackend.target?.tunnelClosed();
    this.toClient.target?.tunnelClosed();
  }
}

function maskedClose(): Buffer {
  return closeFrame(GOING_AWAY, loadCrypto().randomBytes(4));
}
