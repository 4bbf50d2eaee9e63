/** Rules, their targets and the buses they are on, as they are set up. None of them delivers anything here. */

import { DescribeEventBusResponse$, EventBus$, Rule$, Target$ } from '@aws-sdk/client-eventbridge';
import { z } from 'zod';
import { isRecord } from '../../engine/json.ts';
import { awsError, type Operation, type Shape, type World } from '../../engine/model.ts';
import { outputOf, recordSchema } from '../ec2/shape.ts';
import { text } from '../ec2/state.ts';
import { memberGiven, pageOf, recordsGiven, sizeOf } from '../listing.ts';

export const SERVICE = 'eventbridge';
/** Source: API_ListRules, API_ListTargetsByRule, API_ListEventBuses: Limit. */
const MOST_PER_PAGE = 100;

export const ruleSchema = recordSchema(
  Rule$,
  'Name',
  {},
  {
    Targets: z
      .array(recordSchema(Target$, 'Id', {}))
      .optional()
      .describe('As list-targets-by-rule prints them, each with its DeadLetterConfig.'),
  },
);
export const busSchema = recordSchema(DescribeEventBusResponse$, 'Name', {});

const shownRule = outputOf(Rule$);
const shownTarget = outputOf(Target$);
const shownBus = outputOf(DescribeEventBusResponse$);
const listedBus = outputOf(EventBus$);

function busArn(world: World, name: string): string {
  return `arn:aws:events:${world.region}:${world.account}:event-bus/${name}`;
}

/** The buses; the default one is there whether it is written or not. */
function busesOf(world: World, call: string): readonly Shape[] {
  const given = recordsGiven(world, { call, service: SERVICE, collection: 'EventBuses' });
  const isThere = given.some(({ Name }) => Name === 'default');
  return isThere ? given : [{ Name: 'default', Arn: busArn(world, 'default') }, ...given];
}

function noSuch(what: string): Error {
  return awsError('ResourceNotFoundException', `${what} does not exist.`);
}

/** A bus by its name or ARN; absent: the default one. */
function busNamed(world: World, given: unknown, call: string): Shape {
  const name = typeof given === 'string' ? given : 'default';
  const found = busesOf(world, call).find(({ Name, Arn }) => Name === name || Arn === name);
  if (found === undefined) throw noSuch(`Event bus ${name}`);
  return found;
}

/** Rules on the bus that a request names. A rule can be asked for where of its bus nothing was pasted. */
function rulesOn(world: World, input: Shape, call: string): readonly Shape[] {
  const rules = recordsGiven(world, { call, service: SERVICE, collection: 'Rules' });
  const name = (text(input, 'EventBusName') ?? 'default').split('/').at(-1);
  const onBus = rules.filter((rule) => rule['EventBusName'] === name);
  if (onBus.length === 0 && name !== 'default') busNamed(world, input['EventBusName'], call);
  return onBus;
}

function listRules(input: Shape, world: World): object {
  const prefix = text(input, 'NamePrefix') ?? '';
  const found = rulesOn(world, input, 'events:ListRules').filter(({ Name }) => String(Name).startsWith(prefix));
  const { items, next } = pageOf(found, input['NextToken'], sizeOf(input['Limit'], MOST_PER_PAGE));
  return { Rules: items.map(shownRule), ...(next === undefined ? {} : { NextToken: next }) };
}

function listTargets(input: Shape, world: World): object {
  const call = 'events:ListTargetsByRule';
  const rule = rulesOn(world, input, call).find(({ Name }) => Name === input['Rule']);
  if (rule === undefined) throw noSuch(`Rule ${String(input['Rule'])}`);
  const given = memberGiven(world, call, rule, 'Targets');
  const targets: readonly unknown[] = Array.isArray(given) ? given : [];
  const { items, next } = pageOf(targets.filter(isRecord), input['NextToken'], sizeOf(input['Limit'], MOST_PER_PAGE));
  return { Targets: items.map(shownTarget), ...(next === undefined ? {} : { NextToken: next }) };
}

function listBuses(input: Shape, world: World): object {
  const prefix = text(input, 'NamePrefix') ?? '';
  const found = busesOf(world, 'events:ListEventBuses').filter(({ Name }) => String(Name).startsWith(prefix));
  const { items, next } = pageOf(found, input['NextToken'], sizeOf(input['Limit'], MOST_PER_PAGE));
  return { EventBuses: items.map(listedBus), ...(next === undefined ? {} : { NextToken: next }) };
}

function describeBus(input: Shape, world: World): object {
  return shownBus(busNamed(world, input['Name'], 'events:DescribeEventBus'));
}

/** Completes rules and buses that the file leaves incomplete. */
export function startRules(world: World): void {
  for (const bus of world.data[SERVICE]?.['EventBuses'] ?? []) bus['Arn'] ??= busArn(world, String(bus['Name']));
  for (const rule of world.data[SERVICE]?.['Rules'] ?? []) {
    const bus = text(rule, 'EventBusName') ?? 'default';
    const path = bus === 'default' ? '' : `${bus}/`;
    rule['EventBusName'] = bus;
    rule['Arn'] ??= `arn:aws:events:${world.region}:${world.account}:rule/${path}${String(rule['Name'])}`;
    rule['State'] ??= 'ENABLED';
  }
}

function read(operation: string, run: Operation['run']): Operation {
  const source = `https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_${operation}.html`;
  return { kind: 'read', grade: 'documented', source, run };
}

export const ruleOperations: { readonly [operation: string]: Operation } = {
  ListRules: read('ListRules', listRules),
  ListTargetsByRule: read('ListTargetsByRule', listTargets),
  ListEventBuses: read('ListEventBuses', listBuses),
  DescribeEventBus: read('DescribeEventBus', describeBus),
};
