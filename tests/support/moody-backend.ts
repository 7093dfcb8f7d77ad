import type { ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';

import { type HttpBackend, startHttpBackend } from './http-backend.ts';

/** A backend whose answers the test chooses; held requests wait until it says how to go on. */
export interface MoodyBackend extends HttpBackend {
  mood: 'good' | 'busy' | 'holding';
  readonly held: Set<ServerResponse>;
}

/** A short answer with its length. */
export function answerShortly(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Length': text.length + 1 }).end(`${text}\n`);
}

/** Starts a {@link MoodyBackend} on a free port; it ends with the test. */
export async function startMoody(context: TestContext): Promise<MoodyBackend> {
  const state = { mood: 'good' as MoodyBackend['mood'], held: new Set<ServerResponse>() };
  const backend = await startHttpBackend(context, (_request, response) => {
    if (state.mood === 'holding') {
      state.held.add(response);
      response.once('close', () => state.held.delete(response));
    } else {
      answerShortly(response, state.mood === 'good' ? 200 : 503, state.mood);
    }
  });
  return Object.defineProperties(state, Object.getOwnPropertyDescriptors(backend)) as MoodyBackend;
}
