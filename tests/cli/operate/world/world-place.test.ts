import { chmodSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { worldPlace } from '../../../../cli/operate/world/world-place.ts';
import type { CommandIo } from '../../../../cli/terminal.ts';
import { file, marked } from '../../terminal.ts';
import { stopMarked } from '../../stop-marked.ts';
import { kept, on, read, worldOf } from './a-world.ts';

const silent = { write: () => undefined, isTTY: false, columns: () => 80 };
const IO: CommandIo = {
  stdout: silent,
  stderr: silent,
  env: {},
  functions: () => Promise.resolve([stopMarked()]),
  drills: '/nowhere',
  onInterrupt: () => () => undefined,
};
const REQUEST = { runbook: 'stop-marked', requestedBy: 'kim' };

describe('a world as a place', () => {
  it('is one stack of all runbooks, at the time of the file, without metrics', async () => {
    const place = await worldPlace(IO, { file: worldOf('a.json', {}) });
    expect(place).toMatchObject({ kind: 'world', account: '111122223333', alias: null, region: 'eu-west-1' });
    expect(place.now()).toBe('2026-11-22T08:00:00.000Z');
    const [stack] = place.stacks;
    expect(stack).toMatchObject({
      prefix: 'world',
      version: null,
      runbooks: [{ name: 'stop-marked', host: 'plain', functionName: 'world-stop-marked' }],
    });
    expect([await stack?.heartbeats(), await stack?.alarms()]).toEqual([null, null]);
  });

  it('is no folder, and says so as of any file', async () => {
    await expect(worldPlace(IO, { file: import.meta.dirname })).rejects.toThrow(
      'this is a folder, expected a JSON file',
    );
    await expect(worldPlace(IO, { file: '/nowhere/a.json' })).rejects.toThrow('there is no such file');
  });

  it('keeps nothing that nobody could read again', async () => {
    const target = 'arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1';
    const held = (owner: string, runbook: string, until: string) => ({
      ledger: { resources: [{ resource: target, runbook, owner, until, history: {} }] },
    });
    const living = worldOf('odd-run.json', {}, held('a run|x', 'stop-marked', '2026-11-22T09:00:00Z'));
    const dead = worldOf('odd-runbook.json', {}, held('abcd|x', 'Some Runbook', '2026-11-22T07:00:00Z'));
    const stop = await on(living, ['stop', 'a run', '--reason', 'r']);
    const clear = await on(dead, ['clear', 'i-0a1', '--reason', 'r']);
    expect([stop.code, stop.out, clear.code, clear.out]).toEqual([2, '', 2, '']);
    for (const { err } of [stop, clear]) expect(err).toContain('a world cannot keep that, and nothing was kept');
    expect([read(living).ledger.switches, read(dead).ledger.operations]).toEqual([[], []]);
  });

  it('has no time that is later than the last one', async () => {
    const operation = { at: '9999-12-31T23:59:59.999Z', by: 'kim', what: 'stop', scope: 'all', reason: '', more: {} };
    const place = await worldPlace(IO, { file: worldOf('late.json', {}, { ledger: { operations: [operation] } }) });
    expect(place.now()).toBe('9999-12-31T23:59:59.999Z');
  });

  it('runs a request to its end, keeps record and requests, and goes on from there', async () => {
    const path = worldOf('b.json', { 'i-0a1': 'stop' });
    const place = await worldPlace(IO, { file: path });
    const [stack] = place.stacks;
    expect(await stack?.start(REQUEST, 'first')).toEqual({ run: 'first', isRepeated: false });
    expect(await stack?.standing('stop-marked', 'first')).toMatchObject({ kind: 'ended', results: [{ run: 'first' }] });
    const details = (await stack?.details('stop-marked', 'first')) ?? [];
    expect(details.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'read ec2:DescribeInstances',
      'write ec2:StopInstances',
      'write events:PutEvents',
    ]);
    expect(JSON.stringify(details)).not.toContain('"Detail":"{');
    expect(Date.parse(place.now())).toBeGreaterThan(Date.parse('2026-11-22T08:00:00Z'));
    await place.close();
    expect(kept(path)).toEqual(['done stopped']);
    expect(read(path).data['ec2']?.['Instances']?.[0]).toMatchObject({ State: { Name: 'stopped' } });
  });

  it('starts a token once, also when the file is opened again', async () => {
    const path = worldOf('c.json', { 'i-0a1': 'stop' });
    const first = await worldPlace(IO, { file: path });
    await first.stacks[0]?.start(REQUEST, 'once');
    expect(await first.stacks[0]?.start(REQUEST, 'once')).toEqual({ run: 'once', isRepeated: true });
    await first.close();
    const again = await worldPlace(IO, { file: path });
    expect(await again.stacks[0]?.start(REQUEST, 'once')).toEqual({ run: 'once', isRepeated: true });
    expect(kept(path)).toEqual(['done stopped']);
  });

  it('leaves the file alone where nothing was changed', async () => {
    const path = worldOf('d.json', { 'i-0a1': 'stop' });
    const before = readFileSync(path);
    const place = await worldPlace(IO, { file: path });
    await place.stacks[0]?.book.switches();
    await place.close();
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('keeps everything else in the file when only the ledger is written', async () => {
    const script = [{ after: 'PT1S', set: { 'ec2/Instances/i-0a1/State/Name': 'stopped' } }];
    const path = worldOf('e.json', { 'i-0a1': 'stop' }, { script });
    const before: object = JSON.parse(readFileSync(path, 'utf8'));
    const place = await worldPlace(IO, { file: path });
    const row = { scope: 'all', reason: 'x', by: 'kim', at: place.now() };
    await place.stacks[0]?.book.turnOff(row);
    await place.close();
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ ...before, ledger: { switches: [row] } });
  });

  it('does nothing where the file may not be written', async () => {
    const path = worldOf('f.json', { 'i-0a1': 'stop' });
    chmodSync(path, 0o444);
    const place = await worldPlace(IO, { file: path });
    await expect(place.stacks[0]?.start(REQUEST, 'x')).rejects.toThrow(/nothing was done/u);
    await expect(place.stacks[0]?.book.turnOn('all')).rejects.toThrow(/nothing was done/u);
    expect(await place.stacks[0]?.book.switches()).toEqual([]);
    await place.close();
  });

  it('answers as AWS where the ledger is lost', async () => {
    const path = worldOf('g.json', { 'i-0a1': 'stop' }, { ledger: { lost: true } });
    const place = await worldPlace(IO, { file: path });
    await expect(place.stacks[0]?.book.switches()).rejects.toMatchObject({
      name: 'ServiceUnavailable',
      $metadata: { httpStatusCode: 503 },
    });
    const { code, err } = await on(path, ['switch', 'off', '--reason', 'x']);
    expect(code).toBe(1);
    expect(err).toContain('world: nothing is known to be changed: ServiceUnavailable: the ledger does not answer');
  });

  it('takes a pasted world, and warns of what handle warns about', async () => {
    const { now: _now, ...pasted } = { ...marked({ 'i-0a1': 'stop' }), now: '' };
    const path = file('pasted.json', { ...pasted, ec2: { ...Reflect.get(pasted, 'ec2'), Unheard: [] } });
    const { code, err } = await on(path, ['run', 'stop-marked']);
    expect(code).toBe(0);
    expect(err).toContain(`runbook: warning: ${path}: taken to be "now": `);
    expect(err).toMatch(/warning: .*ec2\.Unheard/u);
    const again = await on(path, ['run', 'stop-marked']);
    expect(again.err).not.toContain('taken to be');
    expect(again.out).toContain('nothing (left-alone)');
  });
});
