#!/usr/bin/env -S node --v8-pool-size=1 --
// One thread of V8's own beside ours is enough, and holds less memory than four (docs/adr/0034).
// Parsed by whatever Node is installed: only syntax of Node 14 here, and the program is imported after the version check.
import { existsSync } from 'node:fs';

const program = new URL('../dist/cli/main.js', import.meta.url);
const [major, minor] = process.versions.node.split('.').map(Number);

if (major < 24 || (major === 24 && minor < 15)) {
  fail(`Node ${process.versions.node} is too old: rwwwrse needs Node 24.15 or newer (https://nodejs.org)`);
} else if (!existsSync(program)) {
  fail('dist/ is missing: run "npm run build" in a source tree, or start it from source with "npm start"');
} else {
  // libuv reads this when its pool is first used, which is after this line; 4 threads are too few (one slow disk, one slow resolver).
  if (process.env.UV_THREADPOOL_SIZE === undefined) process.env.UV_THREADPOOL_SIZE = '8';
  void import(program.href);
}

function fail(message) {
  process.stderr.write(`rwwwrse: ${message}\n`);
  process.exitCode = 1;
}
