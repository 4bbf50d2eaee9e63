/** What started a run, as its record keeps it: whoever reads it months later has no other trace of the event. Pure. */

import type { JsonObject } from '../decision.ts';
import type { Delivery } from '../triggers/triggers.ts';

/** Members of deliveries that name something, whatever their kind; tokens and bodies are no part of a record. */
const NAMES = /^(?:at|alarmName|state|instanceId|transition|group|hook|bucket|key|requestedBy|reason)$/u;

/** `{ "kind": "alarm", "at": "…", "alarmName": "web-a-status-check", "state": "ALARM" }`. */
export function triggerOf(delivery: Delivery): JsonObject {
  const named = Object.entries(delivery).filter(([name, value]) => NAMES.test(name) && typeof value === 'string');
  return { kind: delivery.kind, ...Object.fromEntries(named) };
}
