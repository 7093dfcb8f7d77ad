import { isSecretStoreText } from './origin.ts';
import type { ConfigProblem } from './problem.ts';

/**
 * A problem without what a store of secrets holds: a message about such a value may quote it, whatever the key, so that it gives
 * way to one that does not. What is allowed stays.
 */
export function withoutStored(problem: ConfigProblem): ConfigProblem {
  if (!isSecretStoreText(problem.origin) || !mayQuote(problem)) return problem;
  const { severity, key, origin, allowed } = problem;
  const message = 'has a value that is not allowed, which is not shown as it comes from a store of secrets';
  return { severity, key, origin, message, allowed };
}

/**
 * A problem whose key holds no value: in `{password:x}`, which lacks a blank, all of it is the key. A number behind a colon is the port
 * of a host.
 */
export function withoutValueInKey(problem: ConfigProblem): ConfigProblem {
  const key = problem.key.replace(/(?<=[\w-]):(?!:|\d{1,5}(?:$|[.[])).*$/s, ':***');
  return key === problem.key ? problem : { ...problem, key };
}

/** Warnings without quotes hold names of variables and whole sentences only. */
function mayQuote({ severity, message }: ConfigProblem): boolean {
  return severity === 'error' || message.includes('"');
}
