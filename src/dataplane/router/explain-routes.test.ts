import assert from 'node:assert/strict';
import test from 'node:test';
import { parsedHead } from '../../../tests/support/parsed-head.ts';
import { routeMatch } from '../../../tests/support/route-match.ts';
import { explainRoutes, matchText } from './explain-routes.ts';
import { compileMatch } from './route-match.ts';

test('neither the value of a secret field nor the one that is asked for is shown', () => {
  const match = compileMatch(
    routeMatch({
      headers: [
        ['authorization', 'exact', 'Bearer s3cr3t'],
        ['x-env', 'exact', 'prod'],
      ],
    }),
  );
  const head = parsedHead('GET /', 'a', ['Authorization: Bearer given']);
  const [considered] = explainRoutes([{ name: 'a', match, route: 'a' }], { host: 'a', path: '/', head }, null);
  assert.equal(matchText(match), '* / authorization = *** x-env = "prod"');
  assert.equal(considered?.reason, 'the field authorization is ***; asked for: authorization = ***');
});
