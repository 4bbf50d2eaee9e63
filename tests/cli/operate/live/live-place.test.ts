/** Whose account it is, and which stacks are there: over HTTP, with what is refused, late or not readable. */

import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { livePlace, type LiveOptions } from '../../../../cli/operate/live/live-place.ts';
import type { Place } from '../../../../cli/operate/place.ts';
import { CONTROL_TABLE } from '../../../../conformance/control-table.ts';
import { client } from '../../../../shared/aws/clients.ts';
import { stopMarked } from '../../stop-marked.ts';
import { useTables } from '../../../shared/kernel/ledger/dynamo-tables.ts';
import { aliases, plate, plates, refused, useAccount } from './account.ts';

useTables();
const account = useAccount();

interface Opened {
  readonly place: Place;
  readonly err: string;
}

/** Opens the place; what it said on standard error. */
async function open(options: LiveOptions = {}): Promise<Opened> {
  let err = '';
  const sink = { isTTY: false, columns: () => 80 };
  const place = await livePlace(
    {
      stdout: { ...sink, write: () => undefined },
      stderr: { ...sink, write: (text) => void (err += text) },
      env: process.env,
      functions: () => Promise.resolve([stopMarked()]),
      drills: '/nowhere',
      onInterrupt: () => () => undefined,
    },
    options,
  );
  await place.close();
  return { place, err };
}

function told(place: Place): readonly unknown[] {
  return place.stacks.map(({ prefix, version, parameters, runbooks }) => ({ prefix, version, parameters, runbooks }));
}

const PROD = ['runbook-prod', plate('runbook-prod')] as const;

describe('the place', () => {
  it('is the account that AWS says it is, with its alias, Region and caller', async () => {
    account.answer({ 'ssm:GetParametersByPath': plates(PROD) });
    const { place, err } = await open();
    expect(place).toMatchObject({
      kind: 'live',
      account: '111122223333',
      alias: 'example-prod',
      region: 'eu-west-1',
      caller: 'arn:aws:sts::111122223333:assumed-role/on-call/kim',
      file: null,
    });
    expect(Math.abs(Date.parse(place.now()) - Date.now())).toBeLessThan(1_000);
    expect(err).toBe('');
  });

  it.each([
    ['has none', () => aliases()],
    ['may not be read', refused()],
    ['does not come', 'silent' as const],
  ])('does without an alias that %s', async (_how, answer) => {
    account.answer({ 'ssm:GetParametersByPath': plates(PROD), 'iam:ListAccountAliases': answer });
    const { place, err } = await open();
    expect([place.alias, err]).toEqual([null, '']);
  });

  it('asks whose account it is, for the alias and for the plates at the same time', async () => {
    account.answer({ 'ssm:GetParametersByPath': plates(PROD) });
    await open();
    expect(account.asked.map(({ call }) => call).toSorted()).toEqual([
      'iam:ListAccountAliases',
      'ssm:GetParametersByPath',
      'sts:GetCallerIdentity',
    ]);
  });

  it('refuses another account than the stated one, and asks nothing else', async () => {
    await expect(open({ account: '444455556666' })).rejects.toMatchObject({
      name: 'UsageError',
      message: '--account says 444455556666, but these credentials are of 111122223333: nothing was done',
    });
    expect(account.asked.map(({ call }) => call)).toEqual(['sts:GetCallerIdentity']);
    account.answer({ 'ssm:GetParametersByPath': plates(PROD) });
    expect((await open({ account: '111122223333' })).place.account).toBe('111122223333');
  });

  it('says so when AWS does not take the credentials, or does not answer', async () => {
    account.answer({ 'sts:GetCallerIdentity': refused(403, 'ExpiredToken') });
    await expect(open()).rejects.toThrow('AWS does not say whose account this is (keys of the environment): ');
    account.answer({ 'sts:GetCallerIdentity': 'silent' });
    const from = performance.now();
    await expect(open()).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringMatching(/^AWS does not say whose account this is \(keys of the environment\): /u),
    });
    expect(performance.now() - from).toBeLessThan(5_000);
  });
});

describe('its stacks', () => {
  it('are those that have a plate, in the order of their names, over all pages', async () => {
    const small = {
      version: '0.2.0+00000000',
      runbooks: {},
      parameters: { dryRun: true, approval: 'always', mode: 'plan' },
    };
    account.answer({
      'ssm:GetParametersByPath': ({ input }) =>
        input['NextToken'] === undefined
          ? { body: { Parameters: [{ Name: '/runbook/stacks/runbook-prod', Value: PROD[1] }], NextToken: 'more' } }
          : plates(['ops', plate('ops', small)])(),
    });
    const { place, err } = await open();
    expect(err).toBe('');
    expect(told(place)).toEqual([
      {
        prefix: 'ops',
        version: '0.2.0+00000000',
        parameters: { dryRun: true, approval: 'always', mode: 'plan' },
        runbooks: [],
      },
      {
        prefix: 'runbook-prod',
        version: '0.1.0+1a2b3c4d',
        parameters: { dryRun: false, approval: 'never' },
        runbooks: [
          { name: 'block-address', host: 'plain', functionName: 'runbook-prod-block-address' },
          { name: 'carry-volumes', host: 'durable', functionName: 'runbook-prod-carry-volumes' },
        ],
      },
    ]);
    expect(account.asked.find(({ call }) => call === 'ssm:GetParametersByPath')?.input).toEqual({
      Path: '/runbook/stacks',
    });
  });

  it('leave out what cannot be read, in one line each, and go on', async () => {
    account.answer({
      'ssm:GetParametersByPath': plates(
        PROD,
        ['newer', plate('newer', { layout: 2, parameters: null })],
        ['broken', '{'],
        ['strange', plate('strange', { runbooks: { 'a-b': 'express' } })],
        ['list', '[]'],
      ),
    });
    const { place, err } = await open();
    expect(place.stacks.map(({ prefix }) => prefix)).toEqual(['runbook-prod']);
    expect(err.split('\n')).toEqual([
      'runbook: the stack of /runbook/stacks/newer is left out: it has layout 2, this version reads up to 1: use the version that deployed it',
      'runbook: the stack of /runbook/stacks/broken is left out: it is no JSON',
      expect.stringContaining('runbook: the stack of /runbook/stacks/strange is left out: runbooks.a-b: '),
      expect.stringContaining('runbook: the stack of /runbook/stacks/list is left out: '),
      '',
    ]);
  });

  it('are none: one line that says what to do', async () => {
    await expect(open()).rejects.toMatchObject({
      name: 'UsageError',
      message:
        'no stack is found in 111122223333 eu-west-1 (nothing readable below /runbook/stacks): look at account and Region; ' +
        '--stack PREFIX names one that was deployed before stacks had plates',
    });
  });

  it.each([
    [refused(), 'AccessDeniedException: not authorized to do that'],
    ['silent' as const, 'Systems Manager did not answer within 1.5 s'],
  ])('cannot be listed: one line that says what to do', async (answer, why) => {
    account.answer({ 'ssm:GetParametersByPath': answer });
    await expect(open()).rejects.toMatchObject({
      name: 'UsageError',
      message: `the stacks here are not known: /runbook/stacks cannot be listed (${why}); --stack PREFIX names one`,
    });
  });
});

describe('a stack by its name', () => {
  it('is that one alone', async () => {
    account.answer({ 'ssm:GetParametersByPath': plates(PROD, ['ops', plate('ops')]) });
    const { place, err } = await open({ stack: 'ops' });
    expect([place.stacks.map(({ prefix }) => prefix), err]).toEqual([['ops'], '']);
  });

  it('that has no plate is named as every stack is, and says of itself nothing more', async () => {
    await client(DynamoDBClient).send(new CreateTableCommand({ TableName: 'old-control', ...CONTROL_TABLE }));
    const { place, err } = await open({ stack: 'old' });
    expect(told(place)).toEqual([
      {
        prefix: 'old',
        version: null,
        parameters: {},
        runbooks: [{ name: 'stop-marked', host: 'plain', functionName: 'old-stop-marked' }],
      },
    ]);
    expect(await place.stacks[0]?.book.switches()).toEqual([]);
    expect(err).toBe(
      'runbook: old does not say what it is (it has no plate: deploy it again): its names follow from the prefix\n',
    );
    account.answer({ 'ssm:GetParametersByPath': refused() });
    expect((await open({ stack: 'old' })).err).toContain('(AccessDeniedException: not authorized to do that)');
  });

  it('that is nowhere is refused, with the one that was meant', async () => {
    account.answer({ 'ssm:GetParametersByPath': plates(PROD) });
    await expect(open({ stack: 'runbook-prd' })).rejects.toMatchObject({
      name: 'UsageError',
      message: 'there is no stack runbook-prd in 111122223333 eu-west-1; did you mean runbook-prod?',
    });
  });
});
