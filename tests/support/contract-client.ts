import { ByteSum } from './byte-stream.ts';

/** How the body of a request is announced: not at all, by its length, or by its end only. */
export type BodyKind = 'none' | 'length' | 'unknown';

/** A request as any version of HTTP can say it. */
export interface RequestOrder {
  readonly path: string;
  readonly method?: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly body?: BodyKind;
  /** Length of a body of kind `length`. */
  readonly length?: number;
}

/** Values of one header section, by lower-case name; several lines of a name are joined by `, `. */
export type Fields = Readonly<Record<string, string>>;

/** What a client knows of the answer so far. */
export class AnswerRecord {
  readonly informational: { readonly status: number; readonly fields: Fields }[] = [];
  /** 0 until the final head is there. */
  status = 0;
  fields: Fields = {};
  trailers: Fields = {};
  readonly body: ByteSum = new ByteSum();
  /** The first bytes of the body, as text. */
  text = '';
  /** `clean`: the protocol said that the answer is whole. `cut`: it ended otherwise. */
  end: 'open' | 'clean' | 'cut' = 'open';

  add(piece: Buffer): void {
    this.body.add(piece);
    if (this.text.length < KEPT_TEXT) this.text += piece.toString('latin1', 0, KEPT_TEXT);
  }

  finish(end: 'clean' | 'cut'): void {
    if (this.end === 'open') this.end = end;
  }
}

const KEPT_TEXT = 4_096;

/** One request and its answer at a client. */
export interface ContractStream {
  readonly answer: AnswerRecord;
  /** Bytes that were given to `write` and did not leave yet. */
  readonly unsentBytes: number;
  /** Sends body bytes; false = wait until `unsentBytes` falls. */
  write(piece: Buffer): boolean;
  /** Calls `more` once, when everything written has left. */
  onceSent(more: () => void): void;
  /** Ends the body. */
  end(): void;
  /** Stops and starts to read the answer. */
  pause(): void;
  resume(): void;
  /** Goes away in the middle: a reset of the connection or of the stream. */
  abort(): void;
}

/** A client with one connection, whatever its protocol. */
export interface ContractClient {
  /** Starts a request; one without a body is complete at once. */
  open(order: RequestOrder): ContractStream;
  /** Closes the connection. */
  close(): void;
}
