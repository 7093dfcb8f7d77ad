import { connectPlain, type FindEndpoint } from './check-connection.ts';
import { runCheck } from './check-scope.ts';
import { type Check, failed, passed } from './check.ts';

/** A check by connecting: nothing is sent but a PROXY header, where connections begin with one. */
export function tcpCheck(find: FindEndpoint, timeoutMs: number): Check {
  return () =>
    runCheck(timeoutMs, async (scope) => {
      const endpoint = await find(scope);
      if (endpoint.addresses.length === 0) return failed('unresolved');
      await connectPlain(scope, endpoint);
      return passed();
    });
}
