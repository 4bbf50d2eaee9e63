import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { asShown, changedIn, coveredBy, isMissed, promisedIn } from '../../../rehearsal/flush-caches/changed-keys.ts';
import { discoverFunctions } from '../../../rehearsal/functions.ts';
import { Bench } from '../../../rehearsal/worlds/bench.ts';
import { catalogueOf } from '../../../rehearsal/worlds/catalogue.ts';
import { batchOf, worldsOf } from '../../../rehearsal/worlds/draw.ts';
import type { RunResult } from '../../../shared/kernel/report/result.ts';

const RUNBOOK = 'receive-requests';
const functions = await discoverFunctions(fileURLToPath(new URL('../../../functions', import.meta.url)));
const catalogue = await catalogueOf([RUNBOOK]);

/** A share of what `.ci/run` tries. */
describe('a share of generated worlds with changed objects', () => {
  it('keeps every promise', async () => {
    const { findings, reach } = await new Bench(functions, catalogue, 11).batch(0, 6);
    expect(findings).toEqual([]);
    expect(reach[RUNBOOK]?.acted).toBeGreaterThan(0);
  }, 60_000);

  it('has what it should, each in some world', () => {
    const texts = batchOf(worldsOf(catalogue.makers), 1, 0, 300).map(({ case: one }) => JSON.stringify(one));
    const SHOWN = ['s3-website-eu-west-1', '"OriginPath":"/site"', '"second"', 'FunctionAssociations', '"PathPattern"'];
    const TOLD = ['ObjectRemoved', 'TopicArn', 'Object Deleted', 'run~main', '50%2525', 'kkkkkkkk', '%F0%9F%A6%8A'];
    const ODD = [
      'runbook:flush-index',
      '"many"',
      'theirs-0',
      '"PT14M"',
      '"Staging":true',
      '"tenant-only"',
      '"OriginPath":"/{{path}}"',
      '"{{bucket}}.s3',
      '"Enabled":false',
      '{\\"Records\\": [',
      'carry-volumes',
    ];
    for (const wanted of [...SHOWN, ...TOLD, ...ODD])
      expect([wanted, texts.some((text) => text.includes(wanted))]).toEqual([wanted, true]);
  });
});

const AT = '2026-11-22T08:00:00.000Z';

function record(bucket: string, key: string): object {
  return { eventName: 'ObjectCreated:Put', eventTime: AT, s3: { bucket: { name: bucket }, object: { key } } };
}

function batch(...bodies: readonly unknown[]): object {
  return { Records: bodies.map((body, index) => ({ messageId: `m-${index}`, body: JSON.stringify(body) })) };
}

describe('what was told', () => {
  it('is read by the rehearsal itself, out of whatever wrapping', () => {
    const notification = { Records: [record('site', 'a+b/%C3%BC')] };
    const bridge = { time: AT, detail: { bucket: { name: 'site' }, object: { key: 'a+b' } } };
    const event = batch(notification, { Message: JSON.stringify(notification) }, bridge, 'half');
    expect(changedIn(event).map(({ key }) => key)).toEqual(['a b/ü', 'a b/ü', 'a+b']);
    expect(changedIn({ Records: [{ body: '{' }] })).toEqual([]);
  });

  it('is promised when the door has told of it, by window', () => {
    const evidence = { bucket: 'site', from: 'F', to: 'T' };
    const told: RunResult = {
      runbook: RUNBOOK,
      run: 'm-0',
      outcome: 'done',
      reason: 'collected: x',
      evidence,
      plan: [],
      phases: [],
    };
    const invoked = [{ runbook: RUNBOOK, event: batch({ Records: [record('site', 'a'), record('other', 'b')] }) }];
    expect(promisedIn([told], invoked)).toEqual([
      { words: 'site changed from F to T', to: 'T', changes: [{ bucket: 'site', key: 'a', at: AT }] },
    ]);
    expect(promisedIn([{ ...told, outcome: 'failed' }], invoked)).toEqual([]);
  });
});

describe('what is missed', () => {
  const distribution = (Invalidations: readonly object[], config: object = {}) => ({
    DistributionConfig: {
      Origins: { Items: [{ Id: 's3', DomainName: 'site.s3.eu-west-1.amazonaws.com', OriginPath: '/web' }] },
      DefaultCacheBehavior: { TargetOriginId: 's3' },
      ...config,
    },
    Invalidations,
  });
  const made = (CreateTime: string, ...Items: readonly string[]) => ({
    CreateTime,
    InvalidationBatch: { Paths: { Items } },
  });
  const isMissing = (given: ReturnType<typeof distribution>, key: string): boolean =>
    isMissed(given, coveredBy(given), { bucket: 'site', key, at: AT });

  it('is what no invalidation covers that was made since', () => {
    expect(isMissing(distribution([]), 'web/a b')).toBe(true);
    expect(isMissing(distribution([made(AT, '/a%20b')]), 'web/a b')).toBe(false);
    expect(isMissing(distribution([made(AT, '/a*')]), 'web/a b')).toBe(false);
    expect(isMissing(distribution([made('2026-11-22T07:59:59.000Z', '/a%20b')]), 'web/a b')).toBe(true);
  });

  it('is nothing that is not plainly seen there', () => {
    expect(isMissing(distribution([]), 'beside')).toBe(false);
    const patterned = distribution([], { CacheBehaviors: { Items: [{ PathPattern: '*' }] } });
    expect(isMissing(patterned, 'web/a')).toBe(false);
  });
});

describe('a tenant', () => {
  it('shows what its distribution does, with its own parameters', () => {
    const origin = { Id: 'o', DomainName: 'site.s3.amazonaws.com', OriginPath: '/{{dir}}' };
    const parent = {
      Id: 'E1',
      DistributionConfig: { DefaultCacheBehavior: { TargetOriginId: 'o' }, Origins: { Items: [origin] } },
    };
    const tenant = { Id: 'dt_1', DistributionId: 'E1', Parameters: [{ Name: 'dir', Value: 'acme' }] };
    const shown = asShown(tenant, [parent, tenant]);
    const covered = coveredBy(shown);
    expect(isMissed(shown, covered, { bucket: 'site', key: 'acme/a', at: AT })).toBe(true);
    expect(isMissed(shown, covered, { bucket: 'site', key: 'beta/a', at: AT })).toBe(false);
    expect(asShown(parent, [parent, tenant])).toBe(parent);
  });
});
