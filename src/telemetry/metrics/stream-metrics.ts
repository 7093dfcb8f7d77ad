import type { SeriesDirectory } from '../../shared-memory/counters.ts';
import {
  FAMILY,
  STREAM_KINDS,
  type StreamKind,
  TUNNEL_DIRECTIONS,
  TUNNEL_ENDS,
  type TunnelDirection,
  type TunnelEnd,
} from './families.ts';

/** Counts tunnels and event streams; always, they cost nothing. */
export class StreamMetrics {
  private readonly row: Float64Array;
  private readonly opens: ReadonlyMap<StreamKind, number>;
  private readonly ends: ReadonlyMap<TunnelEnd, number>;
  private readonly toBackend: number;
  private readonly toClient: number;

  constructor(row: Float64Array, directory: SeriesDirectory) {
    this.row = row;
    const slot = (family: number, a: number): number => directory.slotOf({ family, a, b: 0, c: 0 }, 1);
    const way = (direction: TunnelDirection): number => slot(FAMILY.tunnelBytes, TUNNEL_DIRECTIONS.indexOf(direction));
    this.opens = new Map(STREAM_KINDS.map((kind, a) => [kind, slot(FAMILY.streamsOpened, a)]));
    this.ends = new Map(TUNNEL_ENDS.map((end, a) => [end, slot(FAMILY.tunnelsClosed, a)]));
    this.toBackend = way('to_backend');
    this.toClient = way('to_client');
  }

  /** A tunnel or a stream of events was opened. */
  opened(kind: StreamKind): void {
    this.add(this.opens.get(kind) as number, 1);
  }

  /** A tunnel was closed. */
  tunnelClosed(end: TunnelEnd): void {
    this.add(this.ends.get(end) as number, 1);
  }

  /** Bytes went through a tunnel. */
  sentToBackend(bytes: number): void {
    this.add(this.toBackend, bytes);
  }

  /** Bytes went through a tunnel. */
  sentToClient(bytes: number): void {
    this.add(this.toClient, bytes);
  }

  private add(slot: number, value: number): void {
    this.row[slot] = (this.row[slot] as number) + value;
  }
}
