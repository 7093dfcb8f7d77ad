import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Peer } from '../peer.ts';
import { startProgram } from '../program.ts';

const requireHere = createRequire(import.meta.url);

/** A proxy made of an npm package: `NAME/server.mjs PORT BACKEND_PORT`, under the Node that runs the benchmark. */
export function createNodePeer(name: string, packages: readonly string[]): Peer {
  return {
    name,
    findMissing() {
      const missing = packages.filter((wanted) => !isResolvable(wanted));
      return missing.length === 0 ? null : `npm packages ${missing.join(', ')} (npm ci --prefix benchmarks/load/peers)`;
    },
    readVersion() {
      const path = new URL(`node_modules/${packages.at(-1)}/package.json`, import.meta.url);
      const manifest: { version: string } = JSON.parse(readFileSync(path, 'utf8'));
      return manifest.version;
    },
    start(place) {
      const server = fileURLToPath(new URL(`${name}/server.mjs`, import.meta.url));
      const argv = [process.execPath, server, String(place.port), String(place.backendPort)];
      return startProgram({ ...place, name, argv, env: { NODE_ENV: 'production' } }, place.workspace);
    },
  };
}

function isResolvable(wanted: string): boolean {
  try {
    requireHere.resolve(wanted);
    return true;
  } catch {
    return false;
  }
}
