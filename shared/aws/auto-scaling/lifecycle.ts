/** Auto Scaling lifecycle hooks on the wire: what hooks a group has, and answering them. */

import {
  AutoScalingClient,
  CompleteLifecycleActionCommand,
  DescribeLifecycleHooksCommand,
  RecordLifecycleActionHeartbeatCommand,
  type LifecycleHook,
} from '@aws-sdk/client-auto-scaling';
import { client } from '../clients.ts';
import type { JsonObject } from '../../kernel/decision.ts';
import type { Io } from '../../kernel/definition.ts';
import { need } from '../ec2/reading.ts';
import { errorName } from '../../kernel/errors.ts';
import type { HookDescription } from '../../judgement/hooks.ts';
import { textOf } from '../planned-input.ts';

function described(answer: LifecycleHook): HookDescription {
  const hook = need(answer.LifecycleHookName, 'LifecycleHooks[].LifecycleHookName');
  return {
    hook,
    transition:
      need(answer.LifecycleTransition, `${hook}.LifecycleTransition`) === 'autoscaling:EC2_INSTANCE_LAUNCHING'
        ? 'launching'
        : 'terminating',
    metadata: answer.NotificationMetadata ?? '',
    // The API's own defaults. Source: PutLifecycleHook.
    heartbeatSeconds: answer.HeartbeatTimeout ?? 3_600,
    globalSeconds: answer.GlobalTimeout ?? 172_800,
    defaultResult: answer.DefaultResult === 'CONTINUE' ? 'CONTINUE' : 'ABANDON',
  };
}

/** The hooks of each group. One that does not exist (any more) has none. */
export async function readHooks(
  groups: readonly string[],
  { signal }: Io,
): Promise<Map<string, readonly HookDescription[]>> {
  const read = groups.map(async (group): Promise<[string, HookDescription[]]> => {
    try {
      const { LifecycleHooks } = await client(AutoScalingClient).send(
        new DescribeLifecycleHooksCommand({ AutoScalingGroupName: group }),
        { abortSignal: signal },
      );
      return [group, (LifecycleHooks ?? []).map(described)];
    } catch (error) {
      if (errorName(error) === 'ValidationError' && /not found/iu.test(String(error))) return [group, []];
      throw error;
    }
  });
  return new Map(await Promise.all(read));
}

interface Addressed {
  readonly AutoScalingGroupName: string;
  readonly LifecycleHookName: string;
  readonly InstanceId: string;
  readonly LifecycleActionToken?: string;
}

function isOver(error: unknown): boolean {
  return errorName(error) === 'ValidationError' && /no active lifecycle action/iu.test(String(error));
}

/**
 * Addresses the action by the event's token. One that is no longer active was answered, has timed out, or its instance is gone;
 * but what the runbook judged is the instance that waits in this hook, so if one does, it is addressed by its id.
 */
async function reach(input: JsonObject, send: (action: Addressed) => Promise<unknown>): Promise<void> {
  const token = input['LifecycleActionToken'];
  const action = {
    AutoScalingGroupName: textOf(input, 'AutoScalingGroupName'),
    LifecycleHookName: textOf(input, 'LifecycleHookName'),
    InstanceId: textOf(input, 'InstanceId'),
  };
  for (const LifecycleActionToken of typeof token === 'string' ? [token, undefined] : [undefined]) {
    try {
      await send(LifecycleActionToken === undefined ? action : { ...action, LifecycleActionToken });
      return;
    } catch (error) {
      if (!isOver(error)) throw error;
    }
  }
}

/** `autoscaling:CompleteLifecycleAction`. */
export function completeLifecycleAction(input: JsonObject, { signal }: Io): Promise<void> {
  const LifecycleActionResult = textOf(input, 'LifecycleActionResult');
  return reach(input, (action) =>
    client(AutoScalingClient).send(new CompleteLifecycleActionCommand({ ...action, LifecycleActionResult }), {
      abortSignal: signal,
    }),
  );
}

/** `autoscaling:RecordLifecycleActionHeartbeat`. */
export function recordHeartbeat(input: JsonObject, { signal }: Io): Promise<void> {
  return reach(input, (action) =>
    client(AutoScalingClient).send(new RecordLifecycleActionHeartbeatCommand(action), { abortSignal: signal }),
  );
}
