/**
 * Pieces of what others may do to the account between a run's look and its call. Each runbook has a table of its own in
 * `rehearsal/<runbook>/world-moves.ts`.
 */

import type { Shape, World } from '../simulator/engine/model.ts';
import type { WorldMove } from '../simulator/engine/run-types.ts';
import { find, part, text } from '../simulator/services/ec2/state.ts';

/** A move, with what it makes impossible to hold. */
export interface Meddling extends WorldMove {
  /** Invariants that nobody can keep of what was moved, by name, each with why. */
  readonly excuses?: { readonly [invariant: string]: string };
}

const ALIVE: ReadonlySet<unknown> = new Set(['pending', 'running', 'stopping', 'stopped']);

/** The instance with this id, as long as it may still change its state. */
function living(world: World, id: unknown): string | undefined {
  if (typeof id !== 'string') return undefined;
  return ALIVE.has(part(find(world, 'Instances', id), 'State')['Name']) ? id : undefined;
}

/** How the instance is found that a call is about. */
export type About = (input: Shape, world: World) => unknown;

/** The instance in a member of the input, or the first of a list there. */
export function instanceIn(member: string): About {
  return (input) => {
    const value = input[member];
    const all: readonly unknown[] = Array.isArray(value) ? value : [value];
    return all[0];
  };
}

/** Somebody brings the instance that the call is about into another state. */
export function instanceBecomes(
  name: string,
  state: 'terminated' | 'stopped',
  before: readonly string[],
  about: About,
  excuses: NonNullable<Meddling['excuses']> = {},
): Meddling {
  return {
    name,
    before,
    excuses,
    happens: (input, world) => {
      const id = living(world, about(input, world));
      const isSo = part(find(world, 'Instances', id), 'State')['Name'] === state;
      return id === undefined || isSo ? undefined : { [`ec2/Instances/${id}/State/Name`]: state };
    },
  };
}

/** Whoever ends an instance that waits in a hook takes away what the hook was for. */
export const HOOK_OF_THE_DEAD: NonNullable<Meddling['excuses']> = {
  'hook-answered': 'nobody needs the answer about an instance that somebody has ended',
  'hook-answered-or-refused-without-ledger': 'the same, for runbooks that refuse without their ledger',
};

/** The instance that an interface is attached to. */
export function instanceOfInterface(member: string): About {
  return (input, world) => {
    const eni = find(world, 'NetworkInterfaces', text(input, member));
    return text(part(eni, 'Attachment'), 'InstanceId');
  };
}
