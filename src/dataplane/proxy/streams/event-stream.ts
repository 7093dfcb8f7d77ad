import { EventBorder } from '../../../base/http/event-stream.ts';
import type { FieldList } from '../../../base/http/field-list.ts';
import { Timer, type TimerOwner } from '../../../base/time/timer-wheel.ts';
import type { BodySink } from '../../exchange/body.ts';
import type { Exchange } from '../../exchange/exchange.ts';
import type { OpenStream } from '../../exchange/open-stream.ts';
import type { OpenStreams } from './open-streams.ts';

/**
 * An answer of server-sent events on its way. It ends, complete, between two events when the program drains and when nothing came
 * for too long: clients then connect again by themselves and say what they saw last (HTML, 9.2.3).
 */
export class EventStream implements BodySink, OpenStream, TimerOwner {
  private readonly streams: OpenStreams;
  private readonly exchange: Exchange;
  private readonly sink: BodySink;
  private readonly idleMs: number;
  private readonly border: EventBorder = new EventBorder();
  private readonly timer: Timer = new Timer(this);
  private leaving = false;
  private ended = false;

  /**
   * @param sink takes the events
   * @param idleMs longest silence; 0 = no limit
   */
  constructor(streams: OpenStreams, exchange: Exchange, sink: BodySink, idleMs: number) {
    this.streams = streams;
    this.exchange = exchange;
    this.sink = sink;
    this.idleMs = idleMs;
    streams.opened(this, 'event_stream');
    streams.wheel.arm(this.timer, idleMs, 0);
  }

  bodyData(bytes: Buffer, start: number, end: number): void {
    if (this.ended) return;
    this.border.advance(bytes, start, end);
    this.streams.wheel.arm(this.timer, this.idleMs, 0);
    this.sink.bodyData(bytes, start, end);
    if (this.leaving) this.goAway();
  }

  bodyEnd(trailers: FieldList | null): void {
    if (this.ended) return;
    this.ended = true;
    this.sink.bodyEnd(trailers);
  }

  goAway(): void {
    this.leaving = true;
    if (this.border.atBorder) this.cut();
  }

  cut(): void {
    if (this.ended) return;
    this.exchange.running?.abort();
    this.exchange.running = null;
    this.bodyEnd(null);
  }

  over(): void {
    this.ended = true;
    this.streams.wheel.remove(this.timer);
    this.streams.closed(this, 'event_stream');
  }

  timerExpired(): void {
    this.cut();
  }
}
