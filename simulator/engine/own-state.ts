/** Which requests are a durable execution's own: they keep or read its state, and change nothing of the account. */

const CALLS: ReadonlySet<string> = new Set(['lambda:CheckpointDurableExecution', 'lambda:GetDurableExecutionState']);

/** Whether a call, `service:Operation`, is of that kind. */
export function isOfOwnState(call: string): boolean {
  return CALLS.has(call);
}
