import { testPage } from './migration/compare.ts';

testPage({ path: 'docs/migration-traefik.md', kind: 'yaml traefik', peer: null });
