/** A runbook that only these tests have: it stops instances that are marked, or ends in whatever way their mark says. */

import { DescribeInstancesCommand, EC2Client, StopInstancesCommand } from '@aws-sdk/client-ec2';
import * as z from 'zod/mini';
import { client } from '../../shared/aws/clients.ts';
import type { Decision, KernelFacts } from '../../shared/kernel/decision.ts';
import type { Limits } from '../../shared/kernel/definition.ts';
import { plain } from '../../shared/kernel/hosts/plain-host.ts';
import { runbook, type RunbookHandler } from '../../shared/kernel/runbook.ts';
import { onInstanceState } from '../../shared/kernel/triggers/instance-state.ts';
import { onRequest } from '../../shared/kernel/triggers/request.ts';
import { onSchedule } from '../../shared/kernel/triggers/schedule.ts';
import { deployed, type DiscoveredFunction } from '../../rehearsal/functions.ts';

type Request = { readonly only: string | null };
type Seen = { readonly id: string; readonly mark: string; readonly state: string };

const ids = z.strictObject({ InstanceIds: z.array(z.string()) });

function decide({ id, mark, state }: Seen & KernelFacts): Decision {
  const said = { evidence: { instance: { id, state }, mark } };
  if (mark === 'guarded') return { ...said, kind: 'refuse', code: 'guarded', because: `${id} is guarded` };
  if (mark === 'later') return { ...said, kind: 'wait', seconds: 60, code: 'not-yet', because: `${id} is not ready` };
  if (mark === 'leave' || state !== 'running')
    return { ...said, kind: 'nothing', code: 'left-alone', because: `${id} is ${state}` };
  const input = { InstanceIds: [mark === 'broken' ? 'i-0dead' : id] };
  const undo = { call: 'ec2:StartInstances', input };
  return {
    ...said,
    kind: 'act',
    code: 'stopped',
    because: `${id} is marked`,
    plan: [{ call: 'ec2:StopInstances', input, because: 'it is marked', undo }],
    intent: `${id} stopped`,
    budget: 'counted',
  };
}

export function stopMarked(name = 'stop-marked'): DiscoveredFunction {
  const handler: RunbookHandler = runbook<Request, Seen, Limits>({
    name,
    host: plain,
    disruptive: true,
    timeoutSeconds: 60,
    triggers: [
      onRequest(name, z.strictObject({ only: z.optional(z.string()) }), ({ only }): Request => ({
        only: only ?? null,
      })),
      onInstanceState(['running'], ({ instanceId }): Request => ({ only: instanceId })),
      onSchedule('rate(1 minute)', (): Request => ({ only: null })),
    ],
    limits: {
      maxAgeSeconds: 900,
      maxTargets: 10,
      cooldownSeconds: 60,
      maxActionsPerWindow: 4,
      windowSeconds: 3_600,
      maxLooks: 2,
      maxWaitSeconds: 0,
      maxCalls: 5,
    },
    ledgerLost: 'refuse',
    locate: async ({ only }, io) => {
      const answer = await client(EC2Client).send(
        new DescribeInstancesCommand({ Filters: [{ Name: 'tag-key', Values: ['mark'] }] }),
        { abortSignal: io.signal },
      );
      const instances = (answer.Reservations ?? []).flatMap(({ Instances }) => Instances ?? []);
      return instances.flatMap(({ InstanceId = '', Tags, State }) => {
        const mark = Tags?.find(({ Key }) => Key === 'mark')?.Value ?? '';
        if (only !== null && InstanceId !== only) return [];
        return [
          {
            target: `arn:aws:ec2:${io.region}:${io.account}:instance/${InstanceId}`,
            facts: { id: InstanceId, mark, state: String(State?.Name) },
          },
        ];
      });
    },
    observe: (target) => Promise.reject(new Error(`${target} is not read again in these tests`)),
    decide,
    apply: {
      'ec2:StopInstances': async (input, io) => {
        await client(EC2Client).send(new StopInstancesCommand(z.parse(ids, input)), { abortSignal: io.signal });
        return null;
      },
    },
    verify: () => Promise.resolve({ ok: true }),
  });
  return deployed(handler);
}
