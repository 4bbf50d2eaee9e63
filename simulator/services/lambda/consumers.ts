/** What takes from queues by Lambda: event source mappings, and whether a function may run at all. */

import { EventSourceMappingConfiguration$ } from '@aws-sdk/client-lambda';
import { z } from 'zod';
import type { Shape, World } from '../../engine/model.ts';
import { isRecord } from '../../engine/json.ts';
import { outputOf, recordSchema } from '../ec2/shape.ts';
import { memberGiven, pageOf, recordsGiven, sizeOf } from '../listing.ts';
import { nameIn, SERVICE } from './state.ts';

/** Source: API_ListEventSourceMappings, MaxItems. */
const MOST_PER_PAGE = 100;

export const mappingSchema = recordSchema(
  EventSourceMappingConfiguration$,
  'UUID',
  {},
  {
    State: z
      .enum(['Creating', 'Enabling', 'Enabled', 'Disabling', 'Disabled', 'Updating', 'Deleting'])
      .optional()
      .describe('Enabled if not said. What a consumer of the world takes does not depend on it.'),
  },
);

const shown = outputOf(EventSourceMappingConfiguration$);

export function listEventSourceMappings(input: Shape, world: World): object {
  const call = 'lambda:ListEventSourceMappings';
  const { EventSourceArn: source, FunctionName: name } = input;
  const found = recordsGiven(world, { call, service: SERVICE, collection: 'EventSourceMappings' }).filter(
    ({ EventSourceArn, FunctionArn }) =>
      (source === undefined || EventSourceArn === source) &&
      (name === undefined || nameIn(FunctionArn) === nameIn(name)),
  );
  const page = pageOf(found, input['Marker'], sizeOf(input['MaxItems'], MOST_PER_PAGE));
  const EventSourceMappings = page.items.map((record) => shown({ State: 'Enabled', ...record }));
  return { EventSourceMappings, ...(page.next === undefined ? {} : { NextMarker: page.next }) };
}

/** Of a function that reserves none the answer is empty. */
export function concurrencyOf(world: World, fn: Shape): object {
  const given = memberGiven(world, 'lambda:GetFunctionConcurrency', fn, 'Concurrency');
  return isRecord(given) ? { ...given } : {};
}
