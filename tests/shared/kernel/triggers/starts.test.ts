import * as z from 'zod/mini';
import { describe, expect, test } from 'vitest';
import {
  onAlarm,
  onInstanceState,
  onLaunchHook,
  onLaunchResult,
  onRequest,
  onSchedule,
  onTerminateHook,
} from '../../../../shared/kernel/triggers/starts.ts';
import type { Delivery, RequestDelivery } from '../../../../shared/kernel/triggers/triggers.ts';

const INSTANCE = 'i-0123456789abcdef0';

const ALARM: Delivery = {
  kind: 'alarm',
  id: 'a',
  alarmName: 'web',
  state: 'OK',
  instanceIds: [INSTANCE],
  childAlarmNames: [],
};
const STOPPED: Delivery = { kind: 'instance-state', id: 'b', instanceId: INSTANCE, state: 'stopped' };
const LAUNCHING: Delivery = {
  kind: 'lifecycle',
  id: 'c',
  transition: 'launching',
  group: 'web',
  hook: 'claim',
  instanceId: INSTANCE,
  token: 't',
};
const TERMINATING: Delivery = { ...LAUNCHING, transition: 'terminating' };
const LAUNCHED: Delivery = {
  kind: 'scaling-result',
  id: 'd',
  activity: 'launch',
  successful: true,
  group: 'web',
  instanceId: INSTANCE,
};
const LAUNCH_FAILED: Delivery = { ...LAUNCHED, successful: false };
const TICK: Delivery = { kind: 'schedule', id: 'e' };

function request(params: RequestDelivery['params'], runbook = 'move-things'): RequestDelivery {
  return { kind: 'request', id: 'f', runbook, params, dryRun: false };
}

const ALL = [ALARM, STOPPED, LAUNCHING, TERMINATING, LAUNCHED, LAUNCH_FAILED, TICK, request({})];

function told(delivery: Delivery): string {
  return `from ${delivery.id}`;
}

describe('a start', () => {
  test.each([
    ['alarm', onAlarm(told), [ALARM]],
    ['ec2-state-change', onInstanceState(['stopping', 'stopped'], told), [STOPPED]],
    ['ec2-state-change', onInstanceState(['running'], told), []],
    ['launch-hook', onLaunchHook(told), [LAUNCHING]],
    ['terminate-hook', onTerminateHook(told), [TERMINATING]],
    ['launch-result', onLaunchResult(told), [LAUNCHED]],
    ['schedule', onSchedule('rate(1 minute)', told), [TICK]],
  ])('named %s takes its own deliveries and no other', (name, trigger, expected) => {
    expect(trigger.name).toBe(name);
    expect(ALL.filter((delivery) => trigger.request(delivery) !== undefined)).toEqual(expected);
  });

  test('carries the EventBridge pattern of its rule', () => {
    expect(onInstanceState(['stopped', 'terminated'], told).pattern).toEqual({
      source: ['aws.ec2'],
      'detail-type': ['EC2 Instance State-change Notification'],
      detail: { state: ['stopped', 'terminated'] },
    });
    expect(onLaunchResult(told).pattern).toEqual({
      source: ['aws.autoscaling'],
      'detail-type': ['EC2 Instance Launch Successful'],
    });
    expect(onAlarm(told, 'action').pattern).toBeUndefined();
    expect(onSchedule('rate(1 minute)', told).schedule).toBe('rate(1 minute)');
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
    expect(trigger.request(request({ action: 'move', candidate: INSTANCE }))).toEqual({
      action: 'move',
      candidate: INSTANCE,
      target: null,
    });
  });

  test('for another runbook is not taken', () => {
    expect(trigger.request(request({ action: 'move' }, 'carry-volumes'))).toBeUndefined();
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
    expect(() => trigger.request(request(params))).toThrow(
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
