import { testPage } from './migration/compare.ts';
import { CADDY } from './migration/stage.ts';

testPage({ path: 'docs/migration-caddy.md', kind: 'caddyfile', peer: CADDY });
