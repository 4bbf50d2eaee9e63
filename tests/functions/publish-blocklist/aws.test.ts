/** What is read of sets and of the ledger, on the simulated AWS. */

import { describe, expect, it } from 'vitest';
import { locate, observe, verify, type Seen } from '../../../functions/publish-blocklist/aws.ts';
import type { IpSet } from '../../../functions/publish-blocklist/decide.ts';
import type { PlannedCall } from '../../../shared/kernel/decision.ts';
import type { Io, Located } from '../../../shared/kernel/definition.ts';
import type { FaultPoint } from '../../../simulator/engine/run-types.ts';
import { sleep } from '../../simulator/deploy.ts';
import { inFunction, type Done } from '../in-a-function.ts';

const ID = '11111111-1111-4111-8111-11111111111';
const TOKEN = '22222222-2222-4222-8222-222222222222';
const EDGE = [{ Key: 'runbook:block', Value: 'edge' }];
const ARN = 'arn:aws:wafv2:eu-west-1:111122223333:regional/ipset';
const [V4, V6] = [`${ARN}/edge-v4/${ID}4`, `${ARN}/edge-v6/${ID}6`];

const REASON = {
  incident: 'INC-1',
  why: 'scans',
  by: 'kim',
  from: '2026-11-22T07:00:00.000Z',
  until: '2026-11-22T09:00:00.000Z',
  delivery: 'd',
  run: 'r',
};

const WORLD = {
  now: '2026-11-22T08:00:00Z',
  account: '111122223333',
  region: 'eu-west-1',
  wafv2: {
    IPSets: [
      { Name: 'edge-v4', Id: `${ID}4`, LockToken: TOKEN, Addresses: ['198.51.100.7/32'], Tags: EDGE },
      { Name: 'edge-v6', Id: `${ID}6`, LockToken: TOKEN, Addresses: ['2001:db8::7/128'], Tags: EDGE },
      { Name: 'partners', Id: `${ID}9`, Addresses: ['192.0.2.200/32'], Tags: [] },
    ],
    WebACLs: [{ Name: 'edge', Tags: EDGE }],
  },
  ledger: {
    data: [
      { partition: 'block', key: '198.51.100.7/32', value: { reasons: [REASON] } },
      { partition: 'allow', key: '198.51.100.8/32', value: { why: 'our office' } },
      { partition: 'never-block', key: 'vpcs', version: 4, value: { ranges: ['10.0.0.0/16'] } },
      { partition: 'published', key: V4, version: 2, value: { mine: ['198.51.100.7/32'] } },
    ],
  },
};

interface Surroundings {
  readonly script?: readonly object[];
  readonly points?: readonly FaultPoint[];
}

function within<T>(work: (io: Io) => Promise<T>, { script = [], points = [] }: Surroundings = {}): Promise<Done<T>> {
  return inFunction({ ...WORLD, script }, work, points);
}

function setIn(seen: Seen | undefined): IpSet | null | undefined {
  return seen?.kind === 'ip-set' ? seen.set : undefined;
}

function located(done: Done<readonly Located<Seen>[]>): readonly unknown[] {
  return (done.value ?? []).map(({ target, facts, fault }) => [target, setIn(facts)?.addresses ?? fault?.name]);
}

const EVERYTHING = { target: null };

const MINE = { mine: ['198.51.100.7/32'], form: 'entries', version: 2 };

describe('what is located', () => {
  it('is each set that is tagged, with its addresses in their one spelling', async () => {
    const done = await within((io) => locate(EVERYTHING, io));
    expect(located(done)).toEqual([
      [V4, ['198.51.100.7/32']],
      [V6, ['2001:db8::7/128']],
    ]);
  });

  it('is read as it is, with what the ledger has for all and for each', async () => {
    const [first, second] = (await within((io) => locate(EVERYTHING, io))).value ?? [];
    expect(first?.facts).toEqual({
      kind: 'ip-set',
      arn: V4,
      set: {
        name: 'edge-v4',
        id: `${ID}4`,
        blocklist: 'edge',
        shard: Number.MAX_SAFE_INTEGER,
        scope: 'REGIONAL',
        family: 'IPV4',
        description: null,
        lockToken: TOKEN,
        addresses: ['198.51.100.7/32'],
      },
      published: MINE,
      group: [
        {
          arn: V4,
          shard: Number.MAX_SAFE_INTEGER,
          isReadable: true,
          addresses: ['198.51.100.7/32'],
          published: MINE,
        },
      ],
      wishes: {
        asOf: '2026-11-22T08:00:00.000Z',
        blocks: [{ cidr: '198.51.100.7/32', version: 1, reasons: [{ ...REASON, strikes: 0 }] }],
        unreadable: [],
        allow: [{ cidr: '198.51.100.8/32', version: 1, why: 'our office', by: '', run: '', until: null }],
        neverBlock: [{ source: 'vpcs', version: 4, ranges: ['10.0.0.0/16'] }],
        lists: [],
        sharedEgress: [],
        guardFaults: [],
      },
    });
    expect(second?.facts).toMatchObject({ set: { family: 'IPV6' }, published: { mine: [], version: 0 } });
  });

  it('is what a person names: by ARN, by name, or by blocklist', async () => {
    for (const [target, found] of [
      [V6, [V6]],
      ['edge-v4', [V4]],
      ['edge', [V4, V6]],
      ['partners', []],
    ] as const) {
      const { value = [] } = await within((io) => locate({ target }, io));
      expect(value.map((each) => each.target)).toEqual(found);
    }
  });

  it('leaves a quarter of a second between two readings of sets', async () => {
    const { requests } = await within((io) => locate(EVERYTHING, io));
    const [one, other] = requests.filter(({ call }) => call === 'wafv2:GetIPSet').map(({ at }) => Date.parse(at));
    expect((other ?? 0) - (one ?? 0)).toBeGreaterThanOrEqual(250);
  });
});

/** The number of a request, as a run without faults sends it. */
async function numberOf(call: string, nth: number): Promise<number> {
  const { requests } = await within((io) => locate(EVERYTHING, io));
  return requests.filter((each) => each.call === call)[nth]?.index ?? -1;
}

describe('sets of one blocklist', () => {
  it('share it by their numbers; one without a number, or with something else there, has all of it', async () => {
    const tagged = (Name: string, shard?: string): object => ({
      Name,
      IPAddressVersion: 'IPV4',
      Addresses: [],
      Tags: [...EDGE, ...(shard === undefined ? [] : [{ Key: 'runbook:shard', Value: shard }])],
    });
    const IPSets = [tagged('one', '1'), tagged('two', '2'), tagged('bare'), tagged('odd', 'é')];
    const { value = [] } = await inFunction({ ...WORLD, wafv2: { IPSets } }, (io) => locate(EVERYTHING, io));
    const groups = value.map(({ facts }) =>
      facts?.kind === 'ip-set'
        ? facts.group
            .map(({ arn }) => arn.split('/')[2] ?? '')
            .toSorted()
            .join()
        : '',
    );
    expect(new Set(groups)).toEqual(new Set(['bare,odd', 'one,two']));
    expect(groups).toHaveLength(4);
  });
});

describe('a reading that fails', () => {
  it('of one set is that set’s own fault', async () => {
    const request = await numberOf('wafv2:GetIPSet', 0);
    const points = [{ request, kind: 'throttled' as const }];
    expect(located(await within((io) => locate(EVERYTHING, io), { points }))).toEqual([
      [V4, 'ThrottlingException'],
      [V6, ['2001:db8::7/128']],
    ]);
  });

  it('of the ledger is that of all: nothing found is not nothing there', async () => {
    const points = [{ request: await numberOf('ledger:list', 0), kind: 'failed-before' as const }];
    const { value, thrown } = await within((io) => locate(EVERYTHING, io), { points });
    expect(value).toBeUndefined();
    expect(thrown).toBeInstanceOf(Error);
  });

  it('of the tags of one place is told as its own, and holds up no other', async () => {
    const [here, there] = [await numberOf('tag:GetResources', 0), await numberOf('tag:GetResources', 1)];
    const failing = async (request: number): Promise<readonly unknown[]> => {
      const points = [{ request, kind: 'failed-before' as const }];
      return located(await within((io) => locate(EVERYTHING, io), { points }));
    };
    expect(await failing(here)).toEqual([['ip-sets/REGIONAL', 'InternalError']]);
    expect(await failing(there)).toEqual([
      ['ip-sets/CLOUDFRONT', 'InternalError'],
      [V4, ['198.51.100.7/32']],
      [V6, ['2001:db8::7/128']],
    ]);
  });
});

describe('a set', () => {
  it('that is not tagged any more is gone', async () => {
    const script = [{ after: 'PT1S', set: { 'wafv2/IPSets/edge-v4/Tags': [] } }];
    const { value } = await within(
      async (io) => {
        await sleep(2_000);
        return observe(V4, EVERYTHING, io);
      },
      { script },
    );
    expect(value).toMatchObject({ arn: V4, set: null });
  });

  it('keeps an entry of others that is IPv4 in IPv6 clothes as WAF spells it, so that it can be written', async () => {
    const mapped = '0000:0000:0000:0000:0000:ffff:2d01:0203/128';
    const script = [{ after: 'PT1S', set: { 'wafv2/IPSets/edge-v6/Addresses/+': mapped } }];
    const { value } = await within(
      async (io) => {
        await sleep(2_000);
        return observe(V6, EVERYTHING, io);
      },
      { script },
    );
    expect(setIn(value)?.addresses).toEqual(['2001:db8::7/128', mapped]);
  });

  it('that was deleted is gone', async () => {
    const script = [{ after: 'PT1S', set: { 'wafv2/IPSets/edge-v4': null } }];
    const { value } = await within(
      async (io) => {
        await sleep(2_000);
        return observe(V4, EVERYTHING, io);
      },
      { script },
    );
    expect(setIn(value)).toBeNull();
  });

  it('is read again with what has come into it', async () => {
    const script = [{ after: 'PT1S', set: { 'wafv2/IPSets/edge-v6/Addresses/+': '2001:db8::8/128' } }];
    const { value } = await within(
      async (io) => {
        await sleep(2_000);
        return observe(V6, EVERYTHING, io);
      },
      { script },
    );
    expect(setIn(value)?.addresses).toEqual(['2001:db8::7/128', '2001:db8::8/128']);
  });
});

function written(name: string, id: string, addresses: readonly string[]): readonly PlannedCall[] {
  const input = { Name: name, Scope: 'REGIONAL', Id: id, Addresses: addresses, LockToken: TOKEN };
  return [{ call: 'wafv2:UpdateIPSet', input, because: '' }];
}

describe('what was written', () => {
  it('is there, however WAF spells it', async () => {
    const plan = written('edge-v6', `${ID}6`, ['2001:db8::7/128']);
    const { value } = await within((io) => verify(V6, plan, EVERYTHING, io));
    expect(value).toEqual({ ok: true });
  });

  it('is looked at again where somebody has changed it since', async () => {
    const script = [{ after: 'PT1S', set: { 'wafv2/IPSets/edge-v4/Addresses/+': '192.0.2.45/32' } }];
    const plan = written('edge-v4', `${ID}4`, ['198.51.100.7/32']);
    const { value, thrown } = await within(
      async (io) => {
        await sleep(2_000);
        return verify(V4, plan, EVERYTHING, io);
      },
      { script },
    );
    expect(value).toBeUndefined();
    expect(thrown).toMatchObject({
      name: 'RetryableError',
      message: 'edge-v4 is not what was written: somebody has changed it since',
    });
  });

  it.each([
    ['less', ['198.51.100.7/32', '198.51.100.8/32']],
    ['something else', ['198.51.100.8/32']],
  ])('is looked at again where there is %s', async (_what, addresses) => {
    const { thrown } = await within((io) => verify(V4, written('edge-v4', `${ID}4`, addresses), EVERYTHING, io));
    expect(thrown).toMatchObject({ name: 'RetryableError' });
  });

  it('is looked at again where the set is gone', async () => {
    const plan = written('edge-v5', `${ID}5`, []);
    const { thrown } = await within((io) => verify(V4, plan, EVERYTHING, io));
    expect(thrown).toMatchObject({ name: 'RetryableError' });
  });

  it('needs no reading where the plan held notes only', async () => {
    const note = [{ call: 'ledger:write', input: {}, because: '' }];
    const { value, requests } = await within((io) => verify(V4, note, EVERYTHING, io));
    expect(value).toEqual({ ok: true });
    expect(requests).toEqual([]);
  });
});
