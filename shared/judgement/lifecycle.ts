/**
 * What Auto Scaling's word for a group's member means. The words are listed, never begun: a state that this code does not know
 * is neither one in which a member serves nor one of leaving, so nothing is given to it and nothing taken. Pure.
 */

const ARRIVING: ReadonlySet<string> = new Set(['Pending', 'Pending:Wait', 'Pending:Proceed']);
const BEING_ENDED: ReadonlySet<string> = new Set([
  'Terminating',
  'Terminating:Wait',
  'Terminating:Proceed',
  'Terminated',
  'Warmed:Terminating',
  'Warmed:Terminating:Wait',
  'Warmed:Terminating:Proceed',
  'Warmed:Terminated',
]);
/** Its terminate hook was abandoned where the group retains: out of service for good, and it runs on until a person ends it. */
const RETAINED: ReadonlySet<string> = new Set(['Terminating:Retained', 'Warmed:Terminating:Retained']);

/** On its way into service: its launch, and the hooks of it. */
export function isArrivingState(lifecycleState: string): boolean {
  return ARRIVING.has(lifecycleState);
}

/** Its group ends it, and with it the instance. */
export function isEndingState(lifecycleState: string): boolean {
  return BEING_ENDED.has(lifecycleState);
}

/** Its group has done with it: it is being ended, or kept as it is for a person to look at. */
export function isLeavingState(lifecycleState: string): boolean {
  return BEING_ENDED.has(lifecycleState) || RETAINED.has(lifecycleState);
}

/** In service, or on its way there. */
export function isServingState(lifecycleState: string): boolean {
  return lifecycleState === 'InService' || ARRIVING.has(lifecycleState);
}
