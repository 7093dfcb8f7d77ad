import assert from 'node:assert/strict';
import test from 'node:test';

import { assignRouteKeys, nearestRouteEnvName, routeKeyOfEnvName } from './route-names.ts';

/** Keys by variable, without prefix and `routes.`. */
function assigned(...names: string[]): Record<string, string> {
  const keys = assignRouteKeys(names.map((name) => `RWWWRSE_ROUTES_${name}`));
  return Object.fromEntries(
    [...keys].map(([name, { key }]) => [name.slice('RWWWRSE_ROUTES_'.length), key.slice('routes.'.length)]),
  );
}

test('the longest key counts when a name can be read in several ways', () => {
  assert.deepEqual(assigned('API_STRIP_PATH', 'API_REDIRECT_HOST', 'A_B_REQUEST_HEADERS_SET', 'API_EXACT_PATH'), {
    API_STRIP_PATH: 'api.strip_path',
    API_REDIRECT_HOST: 'api.redirect.host',
    A_B_REQUEST_HEADERS_SET: 'a_b.request_headers.set',
    API_EXACT_PATH: 'api.exact_path',
  });
});

test('a shorter key counts when only it belongs to a route that another variable names for certain', () => {
  assert.deepEqual(assigned('OLD_REDIRECT_HOST', 'OLD_REDIRECT_TARGET'), {
    OLD_REDIRECT_HOST: 'old_redirect.host',
    OLD_REDIRECT_TARGET: 'old_redirect.target',
  });
  assert.deepEqual(assigned('OLD_REDIRECT_HOST', 'OLD_REDIRECT_TARGET', 'OLD_PRIORITY'), {
    OLD_REDIRECT_HOST: 'old.redirect.host',
    OLD_REDIRECT_TARGET: 'old_redirect.target',
    OLD_PRIORITY: 'old.priority',
  });
});

test('a variable of the older form names a target', () => {
  assert.deepEqual(routeKeyOfEnvName('RWWWRSE_BACKENDS_ROUTES_API_EXAMPLE_COM_URL'), {
    key: 'routes.api_example_com.target',
    rank: 1,
  });
  for (const name of ['RWWWRSE_BACKENDS_ROUTES_URL', 'RWWWRSE_BACKENDS_ROUTES__URL', 'RWWWRSE_ROUTES_TARGET'])
    assert.equal(routeKeyOfEnvName(name), undefined, name);
});

test('a mistyped key is brought near, blocks included', () => {
  assert.equal(nearestRouteEnvName('RWWWRSE_ROUTES_API_REDIRECT_SCHEM'), 'RWWWRSE_ROUTES_API_REDIRECT_SCHEME');
  assert.equal(nearestRouteEnvName('RWWWRSE_ROUTES_API_V2_TIMEOT'), 'RWWWRSE_ROUTES_API_V2_TIMEOUT');
  assert.equal(nearestRouteEnvName('RWWWRSE_ROUTES_API_XYZZY'), undefined);
});
