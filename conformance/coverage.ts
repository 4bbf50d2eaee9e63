/** Whether every simulated operation is held against the outside. */

import { SERVICES } from '../simulator/engine/services.ts';
import type { Played } from './scenario.ts';

/** Every simulated operation, as `ec2:AssociateAddress`. */
export function simulatedOperations(): readonly string[] {
  return SERVICES.flatMap(({ prefix, operations }) => Object.keys(operations).map((name) => `${prefix}:${name}`));
}

/** Operations that the simulator has and no scenario asks for. */
export function uncovered(played: readonly Played[]): readonly string[] {
  const asked = new Set(played.flatMap(({ notes }) => notes.map(({ operation }) => operation)));
  return simulatedOperations().filter((operation) => !asked.has(operation));
}
