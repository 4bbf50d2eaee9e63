/** How what belongs to one runbook is called. */

import { att, pascal, PREFIX, ref, type Intrinsic } from './cloudformation.ts';
import type { Particulars } from './particulars.ts';

/** Names and logical ids of a runbook's parts. */
export interface Names {
  /** `carry-volumes`. */
  readonly runbook: string;
  /** `${param:prefix}-carry-volumes`: of the function, and of all that has only one of its kind. */
  readonly full: string;
  /** What the logical ids begin with, `CarryVolumes`. */
  readonly id: string;
  /** What its rules and its schedule start: the function, or the alias of a durable one. */
  readonly target: Intrinsic;
}

/** The framework's own spelling of a function's logical id: its `-` are `Dash`. */
function frameworkId(runbook: string): string {
  const dashed = runbook.replaceAll('-', 'Dash');
  return dashed.charAt(0).toUpperCase() + dashed.slice(1);
}

/** The names of a runbook's parts. */
export function namesOf(runbook: string, { durable }: Particulars): Names {
  const id = frameworkId(runbook);
  return {
    runbook,
    full: `${PREFIX}-${runbook}`,
    id: pascal(runbook),
    // A durable execution keeps to the version it began with: nothing may start one by the function's bare name.
    target: durable === undefined ? att(`${id}LambdaFunction`, 'Arn') : ref(`${id}DurableLambdaAlias`),
  };
}
