import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

import { killStarted } from '../../support/processes.ts';
import type { DrillStage } from '../drill.ts';

/** Starts a process of the drill; it ends with the drill. */
export function startChild({ context }: DrillStage, script: URL): ChildProcess {
  const child = fork(script, { execArgv: ['--disable-warning=ExperimentalWarning'] });
  context.after(() => killStarted(child.pid as number));
  return child;
}

/** The next message of a process; throws when it ends instead. */
export async function nextMessage<T>(child: ChildProcess): Promise<T> {
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('a process of the drill ended early')));
  ended.catch(() => undefined);
  const [message] = await Promise.race([once(child, 'message'), ended]);
  return message as T;
}
