import { isSecretStore } from './origin.ts';
import type { LayerEntry } from './layers/layer.ts';
import type { ConfigProblem } from './problem.ts';

/**
 * Problems without what a store of secrets holds: a message about such a value may quote it, whatever the key, so that it gives way
 * to one that does not. What is allowed stays.
 */
export function hideStored(problems: readonly ConfigProblem[], entries: Iterable<LayerEntry>): ConfigProblem[] {
  const stores = new Set<string>();
  for (const { origin } of entries) if (isSecretStore(origin.layer)) stores.add(origin.text);
  return problems.map((problem) => (stores.has(problem.origin) && mayQuote(problem) ? withoutValue(problem) : problem));
}

/** Names of variables and whole sentences without quotes hold no value. */
function mayQuote({ severity, message }: ConfigProblem): boolean {
  return severity === 'error' || message.includes('"');
}

function withoutValue({ severity, key, origin, allowed }: ConfigProblem): ConfigProblem {
  const message = 'has a value that is not allowed, which is not shown as it comes from a store of secrets';
  return { severity, key, origin, message, allowed };
}
