/** The simulated EventBridge: the door for custom events, and the rules of others. What starts a runbook is the simulation's own. */

import { z } from 'zod';
import type { ServiceModel } from '../../engine/model.ts';
import { TRIMMINGS } from '../pasted.ts';
import { entrySchema, putEventsOperation } from './put-events.ts';
import { busSchema, ruleOperations, ruleSchema, SERVICE, startRules } from './rules.ts';

export const eventBridge: ServiceModel = {
  name: SERVICE,
  prefix: 'events',
  schema: z.strictObject({
    ...TRIMMINGS,
    Entries: z.array(entrySchema).optional(),
    Rules: z
      .array(ruleSchema)
      .optional()
      .describe('As list-rules prints them, each with its Targets. They are read; none delivers anything here.'),
    EventBuses: z
      .array(busSchema)
      .optional()
      .describe('As describe-event-bus prints each. The default one is there in any case.'),
  }),
  collections: { Entries: 'EventId', Rules: 'Name', EventBuses: 'Name' },
  within: { Rules: 'EventBusName' },
  operations: { PutEvents: putEventsOperation, ...ruleOperations },
  start: startRules,
};
