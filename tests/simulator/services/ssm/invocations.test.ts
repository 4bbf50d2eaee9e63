import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../../simulator/engine/model.ts';
import { refusal } from '../ec2/ec2-world.ts';
import { EXECUTION, ssmWorld } from './ssm-world.ts';

describe('ListCommandInvocations', () => {
  /** Four commands at 08:00:00, 08:01:00, 08:02:00 (to `i-2`) and 08:03:00. */
  function four() {
    const simulation = ssmWorld({ document: { Fails: 'pre-script' } });
    const { send, pass } = simulation;
    send('dry-run', { Comment: 'first' });
    const firstId = simulation.list().CommandInvocations?.[0]?.CommandId;
    pass(60);
    send('pre-script', { Comment: 'second' });
    pass(60);
    send('dry-run', { Comment: 'third', InstanceIds: ['i-2'] });
    pass(60);
    send('dry-run', { Comment: 'fourth' });
    const comments = (input: Shape): unknown[] =>
      simulation.list(input).CommandInvocations?.map((one) => one.Comment) ?? [];
    return { ...simulation, comments, firstId };
  }

  it('gives the newest first', () => {
    const { comments, world } = four();
    expect(comments({})).toEqual(['fourth', 'third', 'second', 'first']);
    expect([...world.assumed]).toContain('ssm: ListCommandInvocations gives the newest first');
  });

  it('of an instance, of a command', () => {
    const { comments, firstId } = four();
    expect(comments({ InstanceId: 'i-2' })).toEqual(['third']);
    expect(comments({ CommandId: firstId })).toEqual(['first']);
    expect(comments({ CommandId: firstId, InstanceId: 'i-2' })).toEqual([]);
    expect(comments({ CommandId: EXECUTION })).toEqual([]);
  });

  it.each([
    [[['InvokedAfter', '2026-11-22T08:01:00Z']], ['fourth', 'third', 'second']],
    [[['InvokedBefore', '2026-11-22T08:01:00Z']], ['first']],
    [
      [
        ['InvokedAfter', '2026-11-22T08:00:00.001Z'],
        ['InvokedBefore', '2026-11-22T08:03:00.000Z'],
      ],
      ['third', 'second'],
    ],
    [[['Status', 'Pending']], ['fourth']],
    [[['Status', 'Failed']], ['second']],
    [
      [
        ['DocumentName', 'FreezeData'],
        ['Status', 'Success'],
      ],
      ['third', 'first'],
    ],
    [[['DocumentName', 'Other']], []],
  ])('filters by %j', (filters, expected) => {
    const { comments } = four();
    expect(comments({ Filters: filters.map(([key, value]) => ({ key, value })) })).toEqual(expected);
  });

  it('filters timed out ones by either word', () => {
    const { send, states, pass } = ssmWorld({ status: 'ConnectionLost' });
    send('dry-run', { TimeoutSeconds: 30 });
    pass(3_631);
    for (const value of ['TimedOut', 'DeliveryTimedOut'])
      expect(states({ Filters: [{ key: 'Status', value }] })).toEqual(['TimedOut DeliveryTimedOut']);
    expect(states({ Filters: [{ key: 'Status', value: 'ExecutionTimedOut' }] })).toEqual([]);
  });

  it('comes in pages', () => {
    const { list, comments } = four();
    const { NextToken } = list({ MaxResults: 3 });
    expect(comments({ MaxResults: 3, NextToken })).toEqual(['first']);
    expect(list({ MaxResults: 3, NextToken })).not.toHaveProperty('NextToken');
  });

  it('has fifty in a page where the request does not say', () => {
    const { send, list } = ssmWorld();
    for (let count = 0; count < 51; count += 1) send('dry-run');
    expect(list().CommandInvocations).toHaveLength(50);
    expect(list({ NextToken: list().NextToken }).CommandInvocations).toHaveLength(1);
  });

  it.each([
    [
      { MaxResults: 51 },
      "ValidationException: 1 validation error detected: Value '51' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 50",
    ],
    [
      { MaxResults: 0 },
      "ValidationException: 1 validation error detected: Value '0' at 'maxResults' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ],
    [{ CommandId: 'c-1' }, 'InvalidCommandId: The command ID c-1 is not valid.'],
    [{ NextToken: 'more' }, 'InvalidNextToken: The specified token is not valid.'],
    [
      { Filters: [{ key: 'ExecutionStage', value: 'Executing' }] },
      'InvalidFilterKey: The filter key ExecutionStage is not valid.',
    ],
    [
      { Filters: [{ key: 'InvokedAfter', value: 'yesterday' }] },
      'not simulated: ssm:ListCommandInvocations filter InvokedAfter yesterday',
    ],
    [{ Filters: [{ key: 'Status', value: 'Done' }] }, 'not simulated: ssm:ListCommandInvocations filter Status Done'],
  ])('is refused with %j', (input, expected) => {
    const { list } = ssmWorld();
    expect(refusal(() => list(input))).toBe(expected);
  });
});
