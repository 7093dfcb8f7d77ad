import type { TestContext } from 'node:test';

import type { Answer } from '../support/http-client.ts';
import type { RawAnswer, RawBackend } from '../support/raw-backend.ts';

/** The listeners of the stage: `main` has the defaults, each other one a limit that its cases meet. */
export type ListenerName = 'main' | 'small' | 'hasty' | 'draggy' | 'lonely' | 'full' | 'proxied' | 'operations';

/** Where the targets of a case's route may point. */
export interface TargetPlaces {
  /** The case's own raw backend. */
  readonly own: string;
  /** A port that nobody listens on. */
  readonly refusing: string;
  /** A port that takes no connection and refuses none. */
  readonly deaf: string;
  /** The main listener. */
  readonly proxy: string;
  /** A backend of HTTP without TLS that answers whatever it does not understand. */
  readonly plain: string;
  /** A backend with TLS and a certificate of an unknown authority. */
  readonly untrusted: string;
  /** A folder with a regular file `file` in it. */
  readonly folder: string;
}

/** What a case can play with. */
export interface CaseStage {
  /** The test: what a case leaves open ends with it. */
  readonly context: TestContext;
  readonly ports: Readonly<Record<ListenerName, number>>;
  /** Host of the case's own route. */
  readonly host: string;
  readonly backend: RawBackend;
}

/** How one failure code is provoked by a real request. */
export interface FailureCase {
  /** The phase that the request ends in. */
  readonly phase: 'request' | 'queue' | 'connect' | 'upload' | 'first_byte' | 'body';
  /** The keys of the case's route but its host; absent = it has none. */
  readonly route?: (places: TargetPlaces) => Readonly<Record<string, unknown>>;
  /** What the case's own backend does with a request; never answers when absent. */
  readonly backend?: RawAnswer;
  /** The answer was begun when it happened: there is none that tells the code. */
  readonly isCut?: true;
  /** Sends what provokes the failure; gives the answer, or null where none can come. */
  readonly provoke: (stage: CaseStage) => Promise<Answer | null>;
}
