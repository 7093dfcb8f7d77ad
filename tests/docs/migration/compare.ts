import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test, { type TestContext } from 'node:test';

import { migrationCases, type MigrationCase } from './migration-case.ts';
import { observe } from './observe.ts';
import { comparable, mistakesOf } from './outcome.ts';
import { Stage, type PeerKind } from './stage.ts';

/** A page, the mark of the other proxy's blocks, and how that is run; null = its tables are about ours alone. */
export interface MigrationPage {
  readonly path: string;
  readonly kind: string;
  readonly peer: PeerKind | null;
}

/** Makes a test of every section with a configuration: both proxies run it, and do what the table says. */
export function testPage({ path, kind, peer }: MigrationPage): void {
  const cases = migrationCases(path, kind);
  test(`${path}: every configuration stands beside ours, with requests`, () => {
    assert.ok(cases.length >= 6);
    for (const { title, ownText, rows } of cases) assert.ok(ownText !== '' && rows.length > 0, title);
  });
  for (const each of cases) {
    test(`${path}, ${each.title}: both do what the table says`, { timeout: 60_000 }, async (context) => {
      if (peer !== null && isMissing(context, peer)) return;
      assert.deepEqual(await mistakesIn(context, each, peer), []);
    });
  }
}

/** Whether the other proxy is not installed; the test is then skipped. */
export function isMissing(context: TestContext, { program, versionArg }: PeerKind): boolean {
  const missing = spawnSync(program, [versionArg]).status !== 0;
  if (missing) context.skip(`missing: ${program}`);
  return missing;
}

/** Where a table is wrong about one of the two, and where they differ though it says that they do the same. */
async function mistakesIn(context: TestContext, each: MigrationCase, peer: PeerKind | null): Promise<string[]> {
  const stage = await Stage.create(context);
  const peerPort = peer === null ? null : await stage.startPeer(peer, each.peerText);
  const ownPort = await stage.startOwn(each.ownText);
  const mistakes: string[] = [];
  for (const { text, request, ...row } of each.rows) {
    const own = await observe(ownPort, request, (said) => stage.named(said, ownPort));
    const isSame = row.own === 'the same';
    mistakes.push(...mistakesOf(isSame ? row.peer : row.own, own).map((what) => `rwwwrse, ${text}: ${what}`));
    if (peer === null || peerPort === null) continue;
    const other = await observe(peerPort, request, (said) => stage.named(said, peerPort));
    mistakes.push(...mistakesOf(row.peer, other).map((what) => `${peer.program}, ${text}: ${what}`));
    const [ours, theirs] = [own, other].map((seen) => JSON.stringify(comparable(seen[0] as (typeof seen)[number])));
    if (isSame && request.times === 1 && ours !== theirs) mistakes.push(`${text} differs: ${ours} and ${theirs}`);
  }
  return mistakes;
}
