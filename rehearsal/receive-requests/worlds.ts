/**
 * Worlds for `receive-requests` that nobody wrote, and for `flush-caches` behind it: buckets that several distributions and tenants show in
 * whatever way, and what is told of their objects by every road, doubled, late, in any order, beside garbage and other people's flushes.
 */

import * as fc from 'fast-check';
import type { Shape } from '../../simulator/engine/model.ts';
import { BEGIN, type Arrival, type Happening, type Part } from '../worlds/case.ts';
import { chance, mostly, oddText, sometimes, timeAt } from '../worlds/pieces.ts';

/** Three attempts, each five minutes after the one before has failed, and what an invalidation takes. */
const MINUTES = 40;
/** Without the ledger every message comes three times, each hidden for six minutes. */
const BEGIN_MS = Date.parse(BEGIN);

/** Runbooks that these worlds are about besides. */
export const ALSO_DEPLOYED: readonly string[] = ['flush-caches'];

/** They take most of an hour, and share nothing with others. */
export const TRIED_ALONE = true;

const BUCKETS = ['flush-site', 'flush.media', 'flush-logs'] as const;

const key = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('index.html', 'a.html', 'docs/index.html', 'docs/b.html', 'site/c.html') },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      'a b.html',
      'ü/ß.html',
      'c++.js',
      '50%25.txt',
      'what?.txt',
      'x#y',
      '/lead.txt',
      'deep//gap.txt',
      'js/run~main.js',
      'js/run-new.js',
      'js/*.js',
      `long/${'k'.repeat(900)}.txt`,
      '<b>"quoted" $(touch pwned)',
    ),
  },
  { weight: 1, arbitrary: oddText.filter((text) => text.trim() !== '' && text.length < 200) },
);

const origin = fc.record({
  bucket: fc.nat(2),
  path: mostly('', [25, '/site']),
  isWebsite: chance(20),
});

/** Of a multi-tenant distribution, each with a bucket or a directory of its own where that has a placeholder. */
const tenant = fc.record({
  bucket: fc.nat(2),
  path: mostly('docs', [40, 'site']),
  isTagged: chance(25),
  isEnabled: chance(85),
  takes: mostly('PT1M', [15, 'PT6M']),
});

const distribution = fc.record({
  origin,
  second: sometimes(25, origin),
  tag: mostly<'tagged' | 'untagged' | 'odd'>('tagged', [15, 'untagged'], [10, 'odd']),
  odd: oddText,
  pattern: sometimes(25, fc.constantFrom('docs/*', '*.js', '/a.html', 'js/*')),
  mayRewrite: chance(20),
  rootObject: mostly<string | undefined>('index.html', [20, undefined], [10, '/a.html']),
  index: sometimes(20, fc.constantFrom('index.html', 'index.html .html', 'none', '', 'a/b')),
  collapse: sometimes(15, fc.constantFrom('1', '3', '0', 'many')),
  isStaging: chance(8),
  takes: mostly('PT1M', [15, 'PT6M'], [5, 'PT14M']),
  theirs: sometimes(20, fc.constantFrom('wildcards', 'files', 'same')),
  tenants: sometimes(
    25,
    fc.record({
      placeholder: mostly<'path' | 'bucket' | 'none'>('path', [30, 'bucket'], [20, 'none']),
      each: fc.array(tenant, { maxLength: 3 }),
    }),
  ),
});

const change = fc.record({ bucket: fc.nat(2), key, ago: fc.integer({ min: 0, max: 8 }), isDeleted: chance(15) });

const road = mostly<'queue' | 'topic' | 'bridge'>('queue', [25, 'topic'], [20, 'bridge']);

const told = fc.record({
  road,
  changes: fc.array(change, { minLength: 1, maxLength: 4 }),
  garbage: sometimes(
    20,
    fc.constantFrom('{"Records": [', '{}', '[]', '{"runbook":"carry-volumes"}', '{"Records":[{}]}', 'hello'),
  ),
  isTwiceAfter: sometimes(25, fc.integer({ min: 1, max: 400 })),
});

const drawn = fc.record({
  distributions: fc.array(distribution, { minLength: 1, maxLength: 5 }),
  batches: fc.array(
    fc.record({ seconds: fc.integer({ min: 9, max: 200 }), told: fc.array(told, { minLength: 1, maxLength: 5 }) }),
    { minLength: 1, maxLength: 5 },
  ),
  asked: sometimes(20, fc.record({ seconds: fc.integer({ min: 5, max: 240 }), isByQueue: chance(50) })),
  gone: sometimes(10, fc.record({ seconds: fc.integer({ min: 20, max: 200 }), which: fc.nat(4) })),
});

type Drawn = typeof drawn extends fc.Arbitrary<infer D> ? D : never;
type DrawnDistribution = Drawn['distributions'][number];
type DrawnOrigin = DrawnDistribution['origin'];

function bucketAt(index: number): string {
  return BUCKETS[index % BUCKETS.length] ?? BUCKETS[0];
}

function originOf({ bucket, path, isWebsite }: DrawnOrigin, Id: string, tenants?: DrawnDistribution['tenants']): Shape {
  const host = isWebsite ? 's3-website-eu-west-1' : 's3.eu-west-1';
  const of = tenants?.placeholder === 'bucket' ? '{{bucket}}' : bucketAt(bucket);
  const before = tenants?.placeholder === 'path' ? '/{{path}}' : path;
  return { Id, DomainName: `${of}.${host}.amazonaws.com`, OriginPath: before };
}

function tagsOf({ tag, odd, index, collapse }: DrawnDistribution): readonly Shape[] {
  return [
    ...(tag === 'untagged' ? [] : [{ Key: 'runbook:flush', Value: tag === 'odd' ? odd : 'site' }]),
    ...(index === undefined ? [] : [{ Key: 'runbook:flush-index', Value: index }]),
    ...(collapse === undefined ? [] : [{ Key: 'runbook:flush-collapse', Value: collapse }]),
  ];
}

/** What others have in progress when the world begins. */
function theirsOf({ theirs }: DrawnDistribution, index: number): readonly Shape[] {
  if (theirs === undefined) return [];
  const Items = {
    wildcards: Array.from({ length: 12 }, (_none, each) => `/theirs/${each}/*`),
    files: Array.from({ length: 2_995 }, (_none, each) => `/theirs/${each}`),
    same: ['/a.html', '/index.html'],
  }[theirs];
  return [
    {
      Id: `ITHEIRS${index}`,
      CreateTime: timeAt(BEGIN_MS, -60),
      CompletesAt: timeAt(BEGIN_MS, 300),
      InvalidationBatch: { CallerReference: `theirs-${index}`, Paths: { Quantity: Items.length, Items } },
    },
  ];
}

export function idOf(index: number): string {
  return `E${index}FLUSHED000000`;
}

function distributionOf(given: DrawnDistribution, index: number): Shape {
  const { origin: first, second, pattern, mayRewrite, rootObject, isStaging, takes, tenants } = given;
  const origins = [originOf(first, 'first', tenants), ...(second === undefined ? [] : [originOf(second, 'second')])];
  const functions = {
    Quantity: 1,
    Items: [{ EventType: 'viewer-request', FunctionARN: 'arn:aws:cloudfront::111122223333:function/f' }],
  };
  const behavior = { TargetOriginId: 'first', ViewerProtocolPolicy: 'redirect-to-https' };
  return {
    Id: idOf(index),
    DistributionConfig: {
      Enabled: true,
      ...(tenants === undefined ? { Staging: isStaging } : { ConnectionMode: 'tenant-only' }),
      ...(rootObject === undefined ? {} : { DefaultRootObject: rootObject }),
      Origins: { Quantity: origins.length, Items: origins },
      DefaultCacheBehavior: { ...behavior, ...(mayRewrite ? { FunctionAssociations: functions } : {}) },
      CacheBehaviors:
        pattern === undefined
          ? { Quantity: 0 }
          : {
              Quantity: 1,
              Items: [{ ...behavior, PathPattern: pattern, TargetOriginId: second === undefined ? 'first' : 'second' }],
            },
    },
    Tags: tagsOf(given),
    ...(tenants === undefined ? { Invalidations: theirsOf(given, index), InvalidationTakes: takes } : {}),
  };
}

/** The tenants of a distribution; what others have in progress there is at the first of them. */
function tenantsOf(given: DrawnDistribution, index: number): readonly Shape[] {
  return (given.tenants?.each ?? []).map(({ bucket, path, isTagged, isEnabled, takes }, place) => ({
    Id: `dt_${index}flushed0000${place}`,
    DistributionId: idOf(index),
    Enabled: isEnabled,
    Parameters: [
      { Name: 'bucket', Value: bucketAt(bucket) },
      { Name: 'path', Value: path },
    ],
    Tags: isTagged ? [{ Key: 'runbook:flush', Value: 'site' }] : [],
    Invalidations: place === 0 ? theirsOf(given, index) : [],
    InvalidationTakes: takes,
  }));
}

/** A blank is `+`, a slash stays. */
function formEncoded(text: string): string {
  return encodeURIComponent(text).replaceAll('%20', '+').replaceAll('%2F', '/');
}

function recordOf(
  { bucket, key: name, ago, isDeleted }: Drawn['batches'][number]['told'][number]['changes'][number],
  atMs: number,
): Shape {
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: 'eu-west-1',
    eventTime: timeAt(atMs, -ago),
    eventName: isDeleted ? 'ObjectRemoved:Delete' : 'ObjectCreated:Put',
    s3: { bucket: { name: bucketAt(bucket) }, object: { key: formEncoded(name), sequencer: '0055' } },
  };
}

function bodiesOf(
  { road: by, changes, garbage }: Drawn['batches'][number]['told'][number],
  atMs: number,
): readonly string[] {
  const notification = { Records: changes.map((each) => recordOf(each, atMs)) };
  const wrapped = {
    Type: 'Notification',
    MessageId: '450ec42d-4b69-506a-86ae-9cc2e72da847',
    TopicArn: 'arn:aws:sns:eu-west-1:111122223333:flush',
    Message: JSON.stringify(notification),
    Timestamp: timeAt(atMs, 0),
  };
  const events = changes.map(({ bucket, key: name, ago, isDeleted }, index) => ({
    version: '0',
    id: `e-${atMs}-${index}`,
    'detail-type': isDeleted ? 'Object Deleted' : 'Object Created',
    source: 'aws.s3',
    account: '111122223333',
    time: timeAt(atMs, -ago),
    region: 'eu-west-1',
    resources: [],
    detail: { bucket: { name: bucketAt(bucket) }, object: { key: name } },
  }));
  const bodies = { queue: [notification], topic: [wrapped], bridge: events }[by].map((body) => JSON.stringify(body));
  return garbage === undefined ? bodies : [garbage, ...bodies];
}

function messageOf(body: string, name: string, atMs: number): Shape {
  return {
    messageId: name,
    receiptHandle: name,
    body,
    attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(atMs) },
    messageAttributes: {},
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-west-1:111122223333:runbook-requests',
    awsRegion: 'eu-west-1',
  };
}

const FLUSH = {
  runbook: 'flush-caches',
  target: 'site',
  params: { paths: ['/a.html', '/docs/*'] },
  reason: 'asked',
  requestedBy: 'mara',
};

function arrivalsOf({ batches, asked }: Drawn): readonly Arrival[] {
  const arrivals = batches.flatMap(({ seconds, told: some }, batch) => {
    const atMs = BEGIN_MS + seconds * 1_000;
    const messages = some.map((one, index) =>
      bodiesOf(one, atMs).map((body, part) => messageOf(body, `flush-${batch}-${index}-${part}`, atMs)),
    );
    const again = some.flatMap(({ isTwiceAfter }, index) =>
      isTwiceAfter === undefined
        ? []
        : [{ seconds: seconds + isTwiceAfter, event: { Records: messages[index] ?? [] } }],
    );
    return [{ seconds, event: { Records: messages.flat() } }, ...again];
  });
  if (asked === undefined) return arrivals;
  const { seconds, isByQueue } = asked;
  const record = messageOf(JSON.stringify(FLUSH), 'flush-asked', BEGIN_MS + seconds * 1_000);
  return [...arrivals, { seconds, event: isByQueue ? { Records: [record] } : FLUSH }];
}

function scriptOf({ gone, distributions }: Drawn): readonly Happening[] {
  if (gone === undefined) return [];
  const path = `cloudfront/Distributions/${idOf(gone.which % distributions.length)}`;
  return [{ seconds: gone.seconds, set: { [path]: null } }];
}

function partOf(given: Drawn): Part {
  return {
    sections: {
      cloudfront: {
        Distributions: given.distributions.map(distributionOf),
        DistributionTenants: given.distributions.flatMap(tenantsOf),
        AnycastIpLists: [],
      },
    },
    probes: {},
    capacity: [],
    remembered: [],
    script: scriptOf(given),
    arrivals: arrivalsOf(given),
    optIn: [],
    minutes: MINUTES,
  };
}

/** Parts of worlds with what is told of changed objects. */
export const WORLDS: fc.Arbitrary<Part> = drawn.map(partOf);
