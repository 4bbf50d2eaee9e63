import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { RECORDED } from '../../../conformance/recording/arguments.ts';
import { mostUsd, usdText } from '../../../conformance/recording/prices.ts';
import { fileOf, readRecordings, recordedBy, writeRecording } from '../../../conformance/recording/recorded.ts';
import { leaksIn, leaksOf, redacted } from '../../../conformance/recording/redaction.ts';
import type { Note, Played } from '../../../conformance/scenario.ts';
import { readRecorded } from '../../../simulator/engine/recorded.ts';
import { aFolder } from './a-folder.ts';

const NO_NAMES = { names: new Map<string, string>(), homeward: (text: string) => text };

describe('a price', () => {
  it('is that of an hour of each, rounded up to a cent', () => {
    expect(usdText(mostUsd(new Map([['instance', 2]])))).toBe('$0.30');
    expect(usdText(mostUsd(new Map([['elastic-ip', 1]])))).toBe('$0.01');
    expect(usdText(mostUsd(new Map([['vpc', 5]])))).toBe('$0.00');
  });
});

describe('what is recorded', () => {
  it('has names for ids, and no address, time or zone id', () => {
    const names = new Map([['vol-0aaaaaaaaaaaaaaaa', 'data']]);
    const seen = {
      VolumeId: 'vol-0aaaaaaaaaaaaaaaa',
      Gateway: 'igw-0bbbbbbbbbbbbbbbb',
      Ip: '18.200.1.2',
      At: new Date(0),
      ZoneId: 'euw1-az3',
      Ipv6: '2a05:d018::1/64',
      Principal: 'AROAEXAMPLEEXAMPLE12',
      Body: 'x'.repeat(600),
      Blob: new Uint8Array(3),
    };
    expect(redacted(seen, { ...NO_NAMES, names })).toEqual({
      VolumeId: '<data>',
      Gateway: '<id>',
      Ip: '<address>',
      At: '<time>',
      ZoneId: '<zone-id>',
      Ipv6: '<address>/64',
      Principal: '<iam-id>',
      Body: '<600 characters>',
      Blob: '<3 bytes>',
    });
  });

  it.each([
    ['of 999988887777', 'a number of 12 digits'],
    ['at 18.200.1.2', 'an address'],
    ['vol-0aaaaaaaaaaaaaaaa', 'an id'],
    ['1234abcd-12ab-34cd-56ef-1234567890ab', 'an id'],
    ['AKIAIOSFODNN7EXAMPLE', "an id of IAM's"],
    ['in acme-sandbox', "what is the account's own"],
  ])('does not hold %s', (text, leak) => {
    expect(leaksIn(text, ['acme-sandbox'])[0]).toContain(leak);
  });

  it('may hold the example’s number, and addresses for documentation', () => {
    expect(leaksIn('123456789012 192.0.2.1 198.51.100.0/24 203.0.113.9 eu-west-1a', ['acme'])).toEqual([]);
  });

  it('is not written where something of the account stands in it', () => {
    const folder = aFolder();
    const recording = { scenario: 'A volume, of 1', recorded: '2026-12-01', notes: [] };
    writeRecording(folder, recording, []);
    expect(readdirSync(folder)).toEqual(['a-volume-of-1.json']);
    expect(readRecordings(folder)).toEqual([recording]);
    const note = { operation: 'fact', label: 'seen', answer: { output: 'vol-0aaaaaaaaaaaaaaaa' } };
    expect(() => writeRecording(folder, { ...recording, scenario: 'other', notes: [note] }, [])).toThrow('not written');
    expect(readdirSync(folder)).toEqual(['a-volume-of-1.json']);
  });

  it('in the repository holds nothing of anybody’s', () => {
    expect(readRecordings(RECORDED).flatMap((recording) => leaksOf(recording, []))).toEqual([]);
    expect(readRecordings(aFolder())).toEqual([]);
  });
});

function refused(operation: string, error: string, label = '1'): Note {
  return { operation, label, answer: { error, message: '', status: 400 } };
}

const ASSUMED = 'ec2: a rule without a peer is a MissingParameter';
const SLOW = 'ec2: attaching takes 5 s';

function simulated(...notes: readonly Note[]): Played {
  return { scenario: 'one', notes, names: new Map(), assumed: [ASSUMED, SLOW] };
}

describe('a recording', () => {
  const asked = 'ec2:AuthorizeSecurityGroupIngress';
  const recording = (...notes: readonly Note[]) => ({ scenario: 'one', recorded: '2026-12-01', notes: [...notes] });

  it('proves the operations that agree, and the refusals that were assumed; not how long something takes', () => {
    const found = recordedBy(
      [recording(refused(asked, 'MissingParameter'))],
      [simulated(refused(asked, 'MissingParameter'))],
      [],
    );
    expect(found.proved).toEqual([ASSUMED, asked]);
    expect(found.orphans).toEqual([]);
  });

  it('proves nothing of what AWS does otherwise', () => {
    const theirs = recording(refused(asked, 'InvalidParameterValue'));
    const found = recordedBy([theirs], [simulated(refused(asked, 'MissingParameter'))], []);
    expect(found.proved).toEqual([]);
    expect(found.verdicts[0]?.differences).toHaveLength(1);
  });

  it('proves no refusal that AWS makes once and not again', () => {
    const ours = simulated(refused(asked, 'MissingParameter'), refused(asked, 'MissingParameter', '2'));
    const theirs = recording(refused(asked, 'MissingParameter'), refused(asked, 'Other', '2'));
    expect(recordedBy([theirs], [ours], []).proved).toEqual([]);
  });

  it('of a scenario that is no more is told', () => {
    expect(recordedBy([recording()], [], []).orphans).toEqual(['one']);
  });

  it('is in a file of its scenario’s name', () => {
    expect(fileOf('An address, once — and “again”.')).toBe('an-address-once-and-again.json');
  });

  it('is what the simulator claims to be recorded', () => {
    // What they prove is held against it by `npm run conformance`.
    const most = readRecordings(RECORDED).length === 0 ? 0 : Infinity;
    expect(readRecorded().length).toBeLessThanOrEqual(most);
  });
});
