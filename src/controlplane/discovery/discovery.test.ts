import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';

import type { DiscoverySettings } from '../../config/resilience-settings.ts';
import type { ApplicationLog } from '../../telemetry/logs/application-log.ts';
import { Discovery } from './discovery.ts';
import type { NameAnswer, NameSource, ServiceRecord } from './name-source.ts';

const SETTINGS: DiscoverySettings = { minTtlMs: 5_000, maxTtlMs: 60_000, servers: [], timeoutMs: 1_000 };

type AddressAnswer = NameAnswer<readonly string[]>;

function found(...value: readonly string[]): AddressAnswer {
  return { kind: 'found', value, ttlMs: 10_000 };
}

const NXDOMAIN: AddressAnswer = { kind: 'absent', code: 'ENOTFOUND' };

/** A discovery whose time and answers the test decides. */
class Stage {
  readonly discovery: Discovery;
  readonly answers: Map<string, AddressAnswer | Promise<AddressAnswer>> = new Map();
  readonly services: Map<string, NameAnswer<readonly ServiceRecord[]>> = new Map();
  readonly lines: string[] = [];
  readonly asked: string[] = [];
  settings: DiscoverySettings;
  changes = 0;

  constructor(context: TestContext, settings = SETTINGS) {
    this.settings = settings;
    context.mock.timers.enable({ apis: ['setTimeout'] });
    // Without the jitter, a wait is as long as it says.
    context.mock.method(Math, 'random', () => 0);
    let nowMs = 0;
    context.mock.method(performance, 'now', () => nowMs);
    this.pass = async (ms) => {
      for (let left = ms; left > 0; left -= 50) {
        nowMs += 50;
        context.mock.timers.tick(50);
        await this.settle();
      }
    };
    const log = {
      at: (level: string, message: string, values: object) =>
        this.lines.push(`${level} ${message} ${JSON.stringify(values)}`),
      info: (message: string, values: object) => this.lines.push(`info ${message} ${JSON.stringify(values)}`),
    } as unknown as ApplicationLog;
    const sourceOf = ({ servers }: DiscoverySettings): NameSource => ({
      addresses: async (host) => {
        const asked = [host, ...servers].join(' at ');
        this.asked.push(asked);
        return (await this.answers.get(asked)) ?? NXDOMAIN;
      },
      services: async (name) => {
        this.asked.push(name);
        return this.services.get(name) ?? { kind: 'absent', code: 'ENOTFOUND' };
      },
    });
    this.discovery = new Discovery(settings, { sourceOf, log, onChange: () => this.changes++ });
    context.after(() => this.discovery.stop());
  }

  readonly pass: (ms: number) => Promise<void>;

  async settle(): Promise<void> {
    for (let i = 0; i < 10; i++) await Promise.resolve();
  }

  /** What a plan made now would get. */
  async plan(host: string): Promise<readonly string[]> {
    const session = this.discovery.session(this.settings);
    const addresses = await session.addresses(host);
    session.adopt();
    return addresses;
  }
}

test('a name is asked for again when its TTL is over, and a change is told once', async (t) => {
  const stage = new Stage(t);
  stage.answers.set('a', found('10.0.0.1'));
  assert.deepEqual(await stage.plan('a'), ['10.0.0.1']);
  stage.answers.set('a', found('10.0.0.2'));
  await stage.pass(9_900);
  assert.equal(stage.asked.length, 1);
  await stage.pass(200);
  assert.deepEqual([stage.asked.length, stage.changes], [2, 1]);
  assert.deepEqual(await stage.plan('a'), ['10.0.0.2']);
  await stage.pass(30_000);
  assert.equal(stage.changes, 1);
  assert.deepEqual(stage.lines, [
    'info a backend name has other addresses {"name":"a","before":["10.0.0.1"],"addresses":["10.0.0.2"]}',
  ]);
});

for (const [ttlMs, askedAfterMs] of [
  [0, 5_000],
  [3_600_000, 60_000],
] as const) {
  test(`a TTL of ${ttlMs} ms is taken for ${askedAfterMs} ms`, async (t) => {
    const stage = new Stage(t);
    stage.answers.set('a', { kind: 'found', value: ['10.0.0.1'], ttlMs });
    await stage.plan('a');
    await stage.pass(askedAfterMs - 50);
    assert.equal(stage.asked.length, 1);
    await stage.pass(50);
    assert.equal(stage.asked.length, 2);
  });
}

test('an address that never changes is never asked for again before the longest TTL', async (t) => {
  const stage = new Stage(t);
  stage.answers.set('10.0.0.1', { kind: 'found', value: ['10.0.0.1'], ttlMs: Infinity });
  await stage.plan('10.0.0.1');
  await stage.pass(59_900);
  assert.equal(stage.asked.length, 1);
});

test('a failed look-up keeps the last good answer, is logged once, and so is the recovery', async (t) => {
  const stage = new Stage(t);
  stage.answers.set('a', found('10.0.0.1'));
  await stage.plan('a');
  stage.answers.set('a', { kind: 'timeout', code: 'ETIMEOUT' });
  await stage.pass(60_000);
  assert.deepEqual(await stage.plan('a'), ['10.0.0.1']);
  assert.deepEqual(stage.discovery.names(), { fresh: 0, stale: 1, unresolved: 0 });
  stage.answers.set('a', found('10.0.0.1'));
  await stage.pass(60_000);
  assert.equal(stage.changes, 0);
  assert.deepEqual(stage.lines, [
    'warn a backend name cannot be resolved {"name":"a","code":"ETIMEOUT","kept":["10.0.0.1"]}',
    'info a backend name resolves again {"name":"a","addresses":["10.0.0.1"]}',
  ]);
  assert.equal(stage.discovery.lookups.found >= 2 && stage.discovery.lookups.timeout >= 3, true);
});

test('a name that was never found is asked for again, less and less often, and heals by itself', async (t) => {
  const stage = new Stage(t);
  assert.deepEqual(await stage.plan('a'), []);
  assert.deepEqual(stage.lines, ['error a backend name cannot be resolved {"name":"a","code":"ENOTFOUND","kept":[]}']);
  await stage.pass(5_000 + 10_000 + 20_000 + 30_000 + 30_000);
  assert.equal(stage.asked.length, 6);
  assert.equal(stage.lines.length, 1);
  stage.answers.set('a', found('10.0.0.1'));
  await stage.pass(30_100);
  assert.equal(stage.changes, 1);
  assert.deepEqual(await stage.plan('a'), ['10.0.0.1']);
});

test('changes of many names make one plan, and plans are a second apart however often answers change', async (t) => {
  const stage = new Stage(t, { ...SETTINGS, minTtlMs: 100 });
  const names = Array.from({ length: 20 }, (_, i) => `app${i}`);
  const session = stage.discovery.session(stage.settings);
  for (const name of names) stage.answers.set(name, { kind: 'found', value: ['10.0.0.0'], ttlMs: 0 });
  await Promise.all(names.map((name) => session.addresses(name)));
  session.adopt();
  for (let i = 1; i <= 50; i++) {
    for (const name of names) stage.answers.set(name, { kind: 'found', value: [`10.0.0.${i}`], ttlMs: 0 });
    await stage.pass(100);
  }
  assert.ok(stage.changes >= 4 && stage.changes <= 6, `${stage.changes} plans in 5 s`);
});

test('a name that no plan asks for any more is watched no more', async (t) => {
  const stage = new Stage(t);
  stage.answers.set('a', found('10.0.0.1'));
  stage.answers.set('b', found('10.0.0.2'));
  await stage.plan('a');
  await stage.plan('b');
  await stage.pass(30_000);
  assert.equal(stage.asked.filter((name) => name === 'a').length, 1);
  assert.ok(stage.asked.filter((name) => name === 'b').length > 2);
});

test('a plan that is not adopted forgets no name', async (t) => {
  const stage = new Stage(t);
  stage.answers.set('a', found('10.0.0.1'));
  await stage.plan('a');
  await stage.discovery.session(stage.settings).addresses('b');
  await stage.pass(10_100);
  assert.equal(stage.asked.filter((name) => name === 'a').length, 2);
});

test('a plan that did not come into the workers is asked for again', async (t) => {
  const stage = new Stage(t);
  stage.answers.set('a', found('10.0.0.1'));
  await stage.plan('a');
  stage.discovery.again();
  await stage.pass(4_900);
  assert.equal(stage.changes, 0);
  await stage.pass(200);
  assert.equal(stage.changes, 1);
});

test('plans that ask at the same time for the same name wait for one look-up', async (t) => {
  const stage = new Stage(t);
  const { promise, resolve } = Promise.withResolvers<AddressAnswer>();
  stage.answers.set('a', promise);
  const plans = [stage.plan('a'), stage.plan('a')];
  await stage.settle();
  resolve(found('10.0.0.1'));
  assert.deepEqual(await Promise.all(plans), [['10.0.0.1'], ['10.0.0.1']]);
  assert.equal(stage.asked.length, 1);
});

test('other SRV records are a change', async (t) => {
  const stage = new Stage(t);
  const record = { host: 'a.test', port: 80, weight: 1 };
  stage.services.set('_http._tcp.a', { kind: 'found', value: [record], ttlMs: 0 });
  const session = stage.discovery.session(stage.settings);
  assert.deepEqual(await session.services('_http._tcp.a'), [record]);
  stage.services.set('_http._tcp.a', { kind: 'found', value: [{ ...record, weight: 2 }], ttlMs: 0 });
  await stage.pass(5_100);
  assert.equal(stage.changes, 1);
});

test('other settings hold from the adoption on, and all names are asked for again', async (t) => {
  const stage = new Stage(t);
  stage.answers.set('a', { kind: 'found', value: ['10.0.0.1'], ttlMs: 0 });
  await stage.plan('a');
  stage.settings = { ...SETTINGS, minTtlMs: 30_000 };
  const session = stage.discovery.session(stage.settings);
  await session.addresses('a');
  assert.equal(stage.asked.length, 1);
  session.adopt();
  await stage.settle();
  assert.equal(stage.asked.length, 2);
  await stage.pass(29_900);
  assert.equal(stage.asked.length, 2);
  await stage.pass(100);
  assert.equal(stage.asked.length, 3);
});

test('a plan waits for all names together as long as one look-up may take, and hears of those that come later', async (t) => {
  const stage = new Stage(t);
  const late = Promise.withResolvers<AddressAnswer>();
  stage.answers.set('a', found('10.0.0.1'));
  stage.answers.set('late', late.promise);
  const session = stage.discovery.session(stage.settings);
  const told: (readonly string[])[] = [];
  void Promise.all(['a', 'late'].map((name) => session.addresses(name))).then((all) => told.push(...all));
  await stage.pass(950);
  assert.deepEqual(told, []);
  await stage.pass(50);
  assert.deepEqual(told, [['10.0.0.1'], []]);
  session.adopt();
  late.resolve(found('10.0.0.2'));
  await stage.pass(1_000);
  assert.equal(stage.changes, 1);
  assert.deepEqual(await stage.plan('late'), ['10.0.0.2']);
});

test('a plan with other name servers asks those for the names that it brings', async (t) => {
  const stage = new Stage(t);
  stage.answers.set('a', found('10.0.0.1'));
  stage.answers.set('b at new', found('10.0.0.2'));
  await stage.plan('a');
  stage.settings = { ...SETTINGS, servers: ['new'] };
  assert.deepEqual(await stage.plan('b'), ['10.0.0.2']);
});

test('an answer that was on its way when other name servers came to be asked counts no more', async (t) => {
  const stage = new Stage(t);
  stage.answers.set('a', { kind: 'found', value: ['10.0.0.1'], ttlMs: 0 });
  await stage.plan('a');
  const old = Promise.withResolvers<AddressAnswer>();
  stage.answers.set('a', old.promise);
  stage.answers.set('a at new', found('10.0.0.2'));
  await stage.pass(5_100);
  assert.equal(stage.asked.length, 2);
  stage.settings = { ...SETTINGS, servers: ['new'] };
  await stage.plan('a');
  old.resolve(found('10.0.0.3'));
  await stage.pass(1_000);
  assert.deepEqual([stage.asked.at(-1), stage.changes], ['a at new', 1]);
  assert.deepEqual(await stage.plan('a'), ['10.0.0.2']);
});

test('who has stopped asks nobody and wants no plan, whatever comes then', async (t) => {
  const stage = new Stage(t);
  stage.answers.set('a', found('10.0.0.1'));
  await stage.plan('a');
  stage.discovery.stop();
  assert.deepEqual(await stage.plan('b'), []);
  stage.discovery.again();
  await stage.pass(60_000);
  assert.deepEqual([stage.asked, stage.changes], [['a'], 0]);
});
