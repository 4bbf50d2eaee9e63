import * as z from 'zod/mini';
import { describe, expect, test } from 'vitest';
import { onRequest, type RequestDelivery } from '../../../../shared/kernel/triggers/request.ts';
import { altered, faultOf, parseOnly, parseSingle, readEvent } from './events.ts';

const INSTANCE = 'i-0123456789abcdef0';

function asked(params: RequestDelivery['params'], runbook = 'move-things'): RequestDelivery {
  return { kind: 'request', id: 'asked', runbook, params, dryRun: false };
}

describe('a document with a runbook', () => {
  test('a request keeps what it says and is identified by its content, whatever the order of its keys', () => {
    const delivery = parseSingle(readEvent('request'));
    expect(delivery).toEqual({
      kind: 'request',
      id: 'request:8af8a90246ca25bb1a3d54cd5db62869',
      runbook: 'reassign-elastic-ip',
      target: 'eipalloc-0123456789abcdef0',
      params: { action: 'move', to: 'i-0fedcba9876543210' },
      dryRun: true,
      reason: 'Kernel update of the primary',
      requestedBy: 'on-call',
    });
    const firstKeyLast = altered(readEvent('request'), ['runbook'], 'reassign-elastic-ip');
    expect(JSON.stringify(firstKeyLast)).not.toBe(JSON.stringify(readEvent('request')));
    expect(parseSingle(firstKeyLast).id).toBe(delivery.id);
    expect(parseSingle(altered(readEvent('request'), ['dryRun'], undefined)).id).not.toBe(delivery.id);
  });

  test('a request of a schedule has no dry run and no time', () => {
    const delivery = parseSingle(readEvent('scheduler-request'));
    expect(delivery).toMatchObject({ kind: 'request', dryRun: false, params: { action: 'fail-back' } });
    expect(delivery.at).toBeUndefined();
  });

  test('a request says whose word on which plan may be in the ledger', () => {
    const approval = { person: 'AROA1:kim', run: 'run-1', target: 'i-0a1', planHash: '0a1b' };
    expect(parseSingle({ runbook: 'recycle-instances', approval })).toMatchObject({ approval });
  });

  test('a request from a queue is as old as its message', () => {
    expect(parseOnly(readEvent('sqs-request'))).toMatchObject({ kind: 'request', at: '2026-11-22T08:00:04.700Z' });
  });

  test.each([
    [
      { runbook: 'recycle-instances', dryrun: true },
      'dryrun: unknown key; a request has runbook, target, params, dryRun, reason, requestedBy, approval',
    ],
    [
      { runbook: 'Heal Bastion' },
      'runbook: expected a runbook\'s name such as reassign-elastic-ip, found "Heal Bastion"',
    ],
    [{ runbook: 'recycle-instances', dryRun: 'true' }, 'dryRun: expected true or false, found "true"'],
    [{ runbook: 'recycle-instances', dryRun: null }, 'dryRun: expected true or false, found null'],
    [{ runbook: 'recycle-instances', params: [] }, 'params: expected an object, found a list'],
    [{ runbook: 'recycle-instances', target: 7 }, 'target: expected text, found number 7'],
    [{ runbook: 'recycle-instances', approval: 'yes' }, 'approval: expected an object, found "yes"'],
    [
      { runbook: 'recycle-instances', approval: { person: 'kim', run: 'a', target: 'b', plan: 'c' } },
      'approval.plan: unknown key; it has person, run, target, planHash',
    ],
    [
      { runbook: 'recycle-instances', approval: { person: '', run: 'a', target: 'b', planHash: 'c' } },
      'approval.person: expected text, found ""',
    ],
    [
      { runbook: 'recycle-instances', approval: { person: 'kim', run: 'a', target: 'b' } },
      'approval.planHash: expected text, found nothing',
    ],
  ])('the request %j is bad input', (request, expected) => {
    expect(faultOf(request)).toBe(expected);
  });
});

describe('a manual request', () => {
  const schema = z.strictObject({
    action: z.enum(['move', 'fail-back']),
    candidate: z.optional(z.string().check(z.regex(/^i-/))),
    seconds: z.optional(z.int().check(z.maximum(60))),
    names: z.optional(z.array(z.string())),
  });
  const trigger = onRequest('move-things', schema, (params, delivery) => ({
    ...params,
    target: delivery.target ?? null,
  }));

  test("becomes the runbook's own request", () => {
    expect(trigger.request(asked({ action: 'move', candidate: INSTANCE }))).toEqual({
      action: 'move',
      candidate: INSTANCE,
      target: null,
    });
  });

  test('for another runbook is not taken', () => {
    expect(trigger.request(asked({ action: 'move' }, 'carry-volumes'))).toBeUndefined();
  });

  test.each([
    [{}, 'params.action: expected one of move, fail-back, found nothing'],
    [{ action: 'mvoe' }, 'params.action: expected one of move, fail-back, found "mvoe"'],
    [{ action: 'move', candidat: INSTANCE }, 'params.candidat: unknown key'],
    [{ action: 'move', candidate: 'web' }, 'params.candidate: expected text that matches /^i-/, found "web"'],
    [{ action: 'move', candidate: 7 }, 'params.candidate: expected string, found number 7'],
    [{ action: 'move', seconds: 1.5 }, 'params.seconds: expected a whole number, found number 1.5'],
    [{ action: 'move', seconds: 61 }, 'params.seconds: expected at most 60, found number 61'],
    [{ action: 'move', names: ['a', null] }, 'params.names[1]: expected string, found null'],
  ])('with the params %j is bad input', (params, expected) => {
    expect(() => trigger.request(asked(params))).toThrow(
      expect.objectContaining({ name: 'TerminalError', message: expected }),
    );
  });

  test('whose schema lets unknown keys pass is refused when it is declared', () => {
    expect(() => onRequest('move-things', z.object({ action: z.string() }), () => ({}))).toThrow(
      'move-things: declare params with z.strictObject',
    );
    expect(() => onRequest('move-things', z.strictObject({}), () => ({}))).not.toThrow();
  });
});
