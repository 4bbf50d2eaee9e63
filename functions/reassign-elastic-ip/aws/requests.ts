/**
 * What starts a run, reduced to what is to be looked at. An event is a hint: it names instances, a group or a hook, and the
 * truth is read again.
 */

import { isIPv4 } from 'node:net';
import type { NamedHook } from '../../../shared/judgement/hooks.ts';
import { BadInputError } from '../../../shared/kernel/errors.ts';
import type { AlarmDelivery } from '../../../shared/kernel/triggers/alarm.ts';
import type { InstanceStateDelivery } from '../../../shared/kernel/triggers/instance-state.ts';
import type { LifecycleDelivery } from '../../../shared/kernel/triggers/lifecycle-hook.ts';
import type { RequestDelivery } from '../../../shared/kernel/triggers/request.ts';
import type { ScalingResultDelivery } from '../../../shared/kernel/triggers/scaling-result.ts';
import { parseWish, WISH_FORM, type Ask, type EventTrigger } from '../decide.ts';

/** What started the run, as JSON. */
export type Request = {
  readonly ask: Ask;
  /** Of a person's request: allocation id, public IP, ARN or name; `null`: whatever the event concerns. */
  readonly target: string | null;
  readonly group: string | null;
  readonly hook: NamedHook | null;
};

/** The params of a person's request. */
interface PersonParams {
  readonly action: 'move' | 'fail-back' | 'reconcile';
  readonly to?: string | undefined;
  readonly privateIp?: string | undefined;
  readonly interface?: string | undefined;
  readonly force?: boolean | undefined;
}

/** The request that each way of starting comes to. */
export const requestOf = {
  alarm: ofAlarm,
  instanceState: ofInstanceState,
  hook: ofHook,
  launchResult: ofLaunchResult,
  schedule: ofSchedule,
  person: ofPerson,
};

const EVERYTHING: Omit<Request, 'ask'> = { target: null, group: null, hook: null };

function about(trigger: EventTrigger, instanceIds: readonly string[]): Request {
  return { ...EVERYTHING, ask: { kind: 'event', trigger, instanceIds, raised: true, alarmNames: [] } };
}

/** The instances an alarm measures; those that its children measure are read with it. */
function ofAlarm({ alarmName, state, instanceIds }: AlarmDelivery): Request {
  const raised = state === 'ALARM';
  const ask = { kind: 'event', trigger: 'alarm', instanceIds, raised, alarmNames: [alarmName] } as const;
  return { ...EVERYTHING, ask };
}

/** The instance that is going or gone. */
function ofInstanceState({ instanceId }: InstanceStateDelivery): Request {
  return about('state', [instanceId]);
}

/** The instance that waits in a hook, and the hook, which may not show yet. */
function ofHook({ transition, group, hook, instanceId, token, destination }: LifecycleDelivery): Request {
  const named = { group, hook, instanceId, transition, token, toWarmPool: destination === 'WarmPool' };
  return { ...about(transition === 'launching' ? 'launch-hook' : 'terminate-hook', [instanceId]), group, hook: named };
}

/** The group that launched, which names the address even where its instance does not show yet. */
function ofLaunchResult({ group, instanceId }: ScalingResultDelivery): Request {
  return { ...about('launch-result', [instanceId]), group };
}

/** Every tagged address. */
function ofSchedule(): Request {
  return { ...EVERYTHING, ask: { kind: 'reconcile' } };
}

/** What the person names, or every address. Throws `BadInputError` for a move that does not say what to move, or where to. */
function ofPerson(params: PersonParams, delivery: RequestDelivery): Request {
  const { action, force = false } = params;
  const target = delivery.target ?? null;
  if (action !== 'move') refusePlace(params);
  if (action === 'reconcile') return { ...EVERYTHING, ask: { kind: action }, target };
  if (action === 'fail-back') return { ...EVERYTHING, ask: { kind: action, force }, target };
  if (target === null) throw new BadInputError('target', 'say which address to move');
  return { ...EVERYTHING, ask: moveOf(params), target };
}

/** Where to is a matter of a move alone: beside another action it would be taken for heeded. */
function refusePlace(params: PersonParams): void {
  for (const key of ['to', 'privateIp', 'interface'] as const)
    if (params[key] !== undefined)
      throw new BadInputError(`params.${key}`, `only "action": "move" goes where it is told, not ${params.action}`);
}

function moveOf({ to, privateIp, interface: device, force = false }: PersonParams): Ask {
  if (to === undefined || !/^(?:i|eni)-[0-9a-z]+$/u.test(to))
    throw new BadInputError('params.to', 'say which instance (or interface) to move it to');
  if (privateIp !== undefined && !isIPv4(privateIp))
    throw new BadInputError('params.privateIp', `'${privateIp}' is no IPv4 address`);
  const wish = device === undefined ? null : parseWish(device);
  if (wish === undefined) throw new BadInputError('params.interface', `'${device}' is not ${WISH_FORM}`);
  return { kind: 'move', to, privateIp: privateIp ?? null, interface: wish, force };
}
