/** How many people are on hosts that are out, as a document of the fleet has counted them. */

import { ListCommandInvocationsCommand, ListDocumentsCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { readCounts } from '../../../functions/heal-bastion/aws/sessions.ts';
import { IO } from './at-the-edge.ts';
import { A, B } from './small-account.ts';

const ssm = mockClient(SSMClient);

afterAll(() => {
  ssm.restore();
});
beforeEach(() => {
  ssm.reset();
});

describe('counts of who is on a host', () => {
  const AT = new Date('2026-11-30T08:59:00Z');
  const DOCUMENT = { DocumentIdentifiers: [{ Name: 'count-sessions' }] };
  const invocation = (more: object = {}) => ({
    Comment: `heal-bastion sessions ${A}`,
    RequestedDateTime: AT,
    Status: 'Success' as const,
    CommandPlugins: [{ Output: '{"sessions": 2}\n' }],
    ...more,
  });
  const counted = async (...CommandInvocations: readonly object[]) => {
    ssm.on(ListDocumentsCommand).resolves(DOCUMENT);
    ssm.on(ListCommandInvocationsCommand).resolves({ CommandInvocations: [...CommandInvocations] });
    return (await readCounts('ops', [A], IO)).counts[A];
  };

  it('are read where somebody is out alone', async () => {
    expect(await readCounts('ops', [], IO)).toEqual({ documents: [], counts: {} });
    expect(ssm.calls()).toHaveLength(0);
  });

  it('are by the one document of this account that carries the name', async () => {
    ssm.on(ListDocumentsCommand).resolves(DOCUMENT);
    ssm.on(ListCommandInvocationsCommand).resolves({});
    const now = () => '2026-11-30T09:00:00.000Z';
    expect(await readCounts('ops', [A, B], { ...IO, now })).toEqual({
      documents: ['count-sessions'],
      counts: { [A]: [], [B]: [] },
    });
    expect(ssm.commandCalls(ListDocumentsCommand)[0]?.args[0].input.Filters).toEqual([
      { Key: 'Owner', Values: ['Self'] },
      { Key: 'DocumentType', Values: ['Command'] },
      { Key: 'tag:runbook:bastion', Values: ['ops'] },
    ]);
    expect(ssm.commandCalls(ListCommandInvocationsCommand)[0]?.args[0].input).toMatchObject({
      InstanceId: A,
      Filters: [
        { key: 'DocumentName', value: 'count-sessions' },
        { key: 'InvokedAfter', value: '2026-11-30T08:00:00.000Z' },
      ],
      Details: true,
    });
  });

  it('may be by two documents on two pages, which is none', async () => {
    ssm
      .on(ListDocumentsCommand)
      .resolvesOnce({ ...DOCUMENT, NextToken: 'next' })
      .resolves(DOCUMENT);
    expect(await readCounts('ops', [A], IO)).toEqual({
      documents: ['count-sessions', 'count-sessions'],
      counts: {},
    });
  });

  it('are those of our own comment, the newest first', async () => {
    const later = new Date('2026-11-30T08:59:30Z');
    const found = await counted(
      invocation(),
      invocation({ Comment: 'of a person' }),
      invocation({ RequestedDateTime: later, Status: 'InProgress', CommandPlugins: undefined }),
    );
    expect(found).toEqual([
      { requestedAt: '2026-11-30T08:59:30.000Z', status: 'InProgress', sessions: null },
      { requestedAt: '2026-11-30T08:59:00.000Z', status: 'Success', sessions: 2 },
    ]);
  });

  it.each([
    ['{"sessions":0}', 0],
    [' { "sessions" : 12 } \r', 12],
    ['{"sessions": 3}\n{"sessions": 4}\nlogged', 4],
    ['{"sessions": "3"}', null],
    ['{"sessions": -1}', null],
    ['{"sessions": 1, "hosts": 2}', null],
    ['{"sessions": 1000000}', null],
    ['sessions: 3', null],
    ['', null],
  ])('say how many in a line of JSON: %j', async (Output, sessions) => {
    expect((await counted(invocation({ CommandPlugins: [{}, { Output }] })))?.[0]?.sessions).toBe(sessions);
  });

  it.each(['Failed', 'TimedOut', 'Cancelled', 'InProgress'])('that are %s say nothing', async (Status) => {
    expect((await counted(invocation({ Status })))?.[0]).toMatchObject({ status: Status, sessions: null });
  });

  it('need a status and a time', async () => {
    await expect(counted(invocation({ Status: undefined }))).rejects.toThrow('CommandInvocations[].Status');
    await expect(counted(invocation({ RequestedDateTime: undefined }))).rejects.toThrow('RequestedDateTime');
  });
});
