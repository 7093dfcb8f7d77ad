import { loadCrypto } from '../../base/crypto-module.ts';
import { NamedField } from '../../base/http/named-field.ts';
import type { RequestIdSettings } from '../../config/resolved-config.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { NO_REQUEST_ID_FIELD, type RequestIdField } from '../exchange/request-id-field.ts';

const DIGITS: readonly string[] = Array.from({ length: 4096 }, (_, i) => i.toString(16).padStart(3, '0'));
const ACCEPTED = /^[A-Za-z0-9._-]{1,128}$/;

/** Request ids of one worker: a random prefix and a counter, 32 hexadecimal digits, unique over workers and restarts. */
class CountedIds {
  private readonly random: string = randomDigits(10) + randomDigits(10);
  private prefix = '';
  private high = -1;
  private low = 0;

  next(): string {
    if (this.low === 0) this.advance();
    const low = this.low;
    this.low = (low + 1) & 0xffffff;
    return this.prefix + (DIGITS[low >>> 12] as string) + (DIGITS[low & 0xfff] as string);
  }

  private advance(): void {
    this.high++;
    this.prefix = this.random + this.high.toString(16).padStart(6, '0');
  }
}

/** Hexadecimal digits, at most 13; V8 seeds its generator from the system's entropy. An id has to be unique, not secret. */
function randomDigits(count: number): string {
  return Math.floor(Math.random() * 16 ** count)
    .toString(16)
    .padStart(count, '0');
}

/** Gives requests their ids (SPEC A.1, request_id): the client's own where it may be carried on, else a new one. */
export class RequestIds {
  private readonly next: () => string;
  /** Null = ids are not sent, and those of clients are left alone. */
  private readonly received: NamedField | null;
  private readonly field: RequestIdField;

  constructor({ enabled, header, generator }: RequestIdSettings) {
    const counted = new CountedIds();
    this.next = generator === 'uuid' ? loadCrypto().randomUUID : () => counted.next();
    this.received = enabled ? new NamedField(header) : null;
    this.field = this.received === null ? NO_REQUEST_ID_FIELD : requestIdField(header, this.received);
  }

  /** Gives an exchange its id. */
  assign(exchange: Exchange): void {
    const given = this.received?.first(exchange.head.fields) ?? null;
    exchange.requestIdField = this.field;
    exchange.requestId = given !== null && ACCEPTED.test(given) ? given : this.next();
    if (given !== null) this.field.drop(exchange.head.fields);
  }

  /** Gives an id to an exchange whose head was refused: nothing of it is believed. */
  assignNew(exchange: Exchange): void {
    exchange.requestIdField = this.field;
    exchange.requestId = this.next();
  }
}

function requestIdField(header: string, field: NamedField): RequestIdField {
  return { line: `\r\n${header}: `, name: field.name, drop: (fields) => field.drop(fields) };
}
