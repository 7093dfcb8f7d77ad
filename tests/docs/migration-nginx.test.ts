import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import { until } from '../support/until.ts';
import { isMissing, testPage } from './migration/compare.ts';
import { observe } from './migration/observe.ts';
import { NGINX, Stage } from './migration/stage.ts';

testPage({ path: 'docs/migration-nginx.md', kind: 'nginx', peer: NGINX });

test('a line of our combined log begins as a line of nginx does', { timeout: 60_000 }, async (context) => {
  if (isMissing(context, NGINX)) return;
  const stage = await Stage.create(context);
  const server = 'server { listen 80; location / { proxy_pass http://127.0.0.1:3000; } }';
  const log = (name: string): string => join(stage.folder, name);
  const theirs = await stage.startPeer(NGINX, `access_log FOLDER/nginx.log combined; ${server}`);
  const env = { RWWWRSE_REQUEST_LOGGING: 'true', RWWWRSE_ACCESS_LOG_PATH: log('own.log') };
  const ours = await stage.startOwn('default_backend: http://127.0.0.1:3000', env);
  const fields = { Referer: 'http://shop.example/', 'User-Agent': 'a "b"' };
  const request = { method: 'GET', host: 'shop.example', target: '/a?b=c', fields, times: 1, bodyBytes: 0 };
  for (const port of [theirs, ours]) await observe(port, request, (text) => text);
  const [line = '', own = ''] = await until('both logs have a line', () => {
    const lines = ['nginx.log', 'own.log'].map((name) =>
      readFileSync(log(name), { encoding: 'utf8', flag: 'a+' }).split('\n'),
    );
    return lines.every(({ length }) => length > 1) ? lines.map(([first = '']) => undated(first)) : null;
  });
  assert.match(line, /^127\.0\.0\.1 - - \[\] "GET \/a\?b=c HTTP\/1\.1" 200 \d+ "http:\/\/shop\.example\/" "a /);
  assert.ok(own.startsWith(line), `${own}\n${line}`);
});

/** Without the time, and without the size: nginx counts the frame of chunks with the body. */
function undated(line: string): string {
  return line.replace(/\[[^\]]*\]/, '[]').replace(/" 200 \d+ "/, '" 200 0 "');
}
