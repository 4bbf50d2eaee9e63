import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { beginJournal, closeJournal, pastOf, unfinished, type Past } from '../../../conformance/recording/journal.ts';
import { clean, ORDER } from '../../../conformance/recording/cleaning.ts';
import { CREATIONS, type Kind } from '../../../conformance/recording/kinds.ts';
import type { Leftover, Leftovers, Standing } from '../../../conformance/recording/leftovers.ts';
import { aFolder } from './a-folder.ts';

const HEAD = { run: 'rbc-0123456789ab', account: '111122223333', region: 'eu-west-1', scenario: 'one' };

describe('a journal', () => {
  it('tells what was made, and of what it is not known', () => {
    const folder = aFolder();
    const journal = beginJournal(folder, HEAD);
    journal.made(journal.intend('vpc', 'ec2:CreateVpc'), ['vpc-1']);
    journal.refused(journal.intend('subnet', 'ec2:CreateSubnet'));
    journal.intend('volume', 'ec2:CreateVolume');
    const [past] = unfinished(folder);
    expect(past).toMatchObject({ head: HEAD, made: [{ kind: 'vpc', id: 'vpc-1' }] });
    expect([...(past?.open ?? [])]).toEqual(['volume']);
  });

  it('is read to where its process was killed', () => {
    const folder = aFolder();
    const journal = beginJournal(folder, HEAD);
    const intent = journal.intend('volume', 'ec2:CreateVolume');
    appendFileSync(journal.file, `{"made":${intent},"ids":["vo`);
    const [past] = unfinished(folder);
    expect([...(past?.open ?? [])]).toEqual(['volume']);
    expect(pastOf('file', '{"run":"rbc-01')).toBeUndefined();
  });

  it('is kept, and read no more, when nothing is left', () => {
    const folder = aFolder();
    const { file } = beginJournal(folder, HEAD);
    closeJournal({ file });
    expect(unfinished(folder)).toEqual([]);
    expect(existsSync(join(folder, `${HEAD.run}.clean`))).toBe(true);
  });

  it('that is none is told by its line', () => {
    const text = `${JSON.stringify(HEAD)}\n{"intent":1,"kind":"castle","operation":"x"}\n`;
    expect(() => pastOf('a.jsonl', text)).toThrow('a.jsonl:2: this is no line of a journal');
  });

  it('is begun once', () => {
    const folder = aFolder();
    const { file } = beginJournal(folder, HEAD);
    expect(() => beginJournal(folder, HEAD)).toThrow('there is a journal of this run already');
    expect(readFileSync(file, 'utf8')).toBe(`${JSON.stringify(HEAD)}\n`);
  });
});

/** An account with these things, by kind and id, each with the run whose mark it carries. `holds`: id → what must be gone before it. */
function account(things: { [kind in Kind]?: Standing[] }, holds: { readonly [id: string]: string } = {}) {
  const removed: string[] = [];
  const leftover = (kind: Kind): Leftover => ({
    marked: async (run) => (things[kind] ?? []).filter((one) => one.run === run),
    known: async (id) => (things[kind] ?? []).filter((one) => one.id === id),
    remove: async (id) => {
      const before = holds[id];
      if (before !== undefined && !removed.includes(before)) throw new Error(`${before} is in the way`);
      removed.push(id);
      things[kind] = (things[kind] ?? []).filter((one) => one.id !== id);
    },
  });
  const leftovers: Leftovers = {
    'auto-scaling-group': leftover('auto-scaling-group'),
    'elastic-ip': leftover('elastic-ip'),
    instance: leftover('instance'),
    'internet-gateway': leftover('internet-gateway'),
    'launch-template': leftover('launch-template'),
    'network-acl': leftover('network-acl'),
    'prefix-list': leftover('prefix-list'),
    queue: leftover('queue'),
    'security-group': leftover('security-group'),
    snapshot: leftover('snapshot'),
    subnet: leftover('subnet'),
    volume: leftover('volume'),
    vpc: leftover('vpc'),
    'vpc-peering-connection': leftover('vpc-peering-connection'),
  };
  return { leftovers, removed };
}

function pastWith(made: Past['made'], ...open: readonly Kind[]): Past {
  return { file: 'a.jsonl', head: HEAD, made, open: new Set(open) };
}

const PASSES = { passes: 4, pauseMs: 0 };
const { run } = HEAD;

describe('cleaning up', () => {
  it('knows an order for every kind that is created', () => {
    const kinds = new Set(Object.values(CREATIONS).map(({ kind }) => kind));
    expect([...kinds].toSorted()).toEqual([...ORDER].toSorted());
  });

  it('takes away what journal and mark tell of, users first', async () => {
    const { leftovers, removed } = account({ vpc: [{ id: 'vpc-1', run }], instance: [{ id: 'i-1', run }] });
    const made = [
      { kind: 'vpc', id: 'vpc-1' },
      { kind: 'instance', id: 'i-1' },
    ] as const;
    expect(await clean(pastWith(made), leftovers, PASSES)).toEqual([]);
    expect(removed).toEqual(['i-1', 'vpc-1']);
  });

  it('finds by its mark what was created without an answer', async () => {
    const { leftovers, removed } = account({ volume: [{ id: 'vol-1', run }] });
    expect(await clean(pastWith([], 'volume'), leftovers, PASSES)).toEqual([]);
    expect(removed).toEqual(['vol-1']);
  });

  it('leaves what carries the mark and is in no journal', async () => {
    const { leftovers, removed } = account({ volume: [{ id: 'vol-9', run }], vpc: [{ id: 'vpc-1', run }] });
    await clean(pastWith([{ kind: 'vpc', id: 'vpc-1' }]), leftovers, PASSES);
    await clean(pastWith([{ kind: 'volume', id: 'vol-1' }]), leftovers, PASSES);
    expect(removed).toEqual(['vpc-1']);
  });

  it('leaves what is in the journal and does not carry the mark, and says so', async () => {
    const { leftovers, removed } = account({
      volume: [
        { id: 'vol-1', run: undefined },
        { id: 'vol-2', run: 'rbc-other' },
      ],
    });
    const made = [
      { kind: 'volume', id: 'vol-1' },
      { kind: 'volume', id: 'vol-2' },
    ] as const;
    expect(await clean(pastWith(made), leftovers, PASSES)).toEqual([
      { kind: 'volume', id: 'vol-1', why: 'it does not carry the mark of its run any more' },
      { kind: 'volume', id: 'vol-2', why: 'it carries the mark of rbc-other' },
    ]);
    expect(removed).toEqual([]);
  });

  it('goes round again where something is in the way, and says what stays', async () => {
    const prefixLists = [
      { id: 'pl-1', run },
      { id: 'pl-2', run },
    ];
    const { leftovers, removed } = account(
      { 'prefix-list': prefixLists, vpc: [{ id: 'vpc-1', run }] },
      { 'pl-1': 'vpc-1' },
    );
    const made = [
      { kind: 'prefix-list', id: 'pl-1' },
      { kind: 'vpc', id: 'vpc-1' },
    ] as const;
    expect(await clean(pastWith(made), leftovers, PASSES)).toEqual([]);
    expect(removed).toEqual(['vpc-1', 'pl-1']);
    const stuck = account({ vpc: [{ id: 'vpc-1', run }] }, { 'vpc-1': 'never' });
    expect(await clean(pastWith([{ kind: 'vpc', id: 'vpc-1' }]), stuck.leftovers, PASSES)).toEqual([
      { kind: 'vpc', id: 'vpc-1', why: 'Error: never is in the way' },
    ]);
  });

  it('takes a kind that cannot be looked at for one of which something is left', async () => {
    const { leftovers } = account({});
    const blind: Leftover = { ...leftovers.vpc, marked: () => Promise.reject(new Error('no permission')) };
    expect(await clean(pastWith([], 'vpc'), { ...leftovers, vpc: blind }, PASSES)).toEqual([
      { kind: 'vpc', why: 'Error: no permission' },
    ]);
  });
});
