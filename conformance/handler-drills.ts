/** The incidents that are played with the deployed bundles. A runbook that is not here says why. */

import type { HandlerDrill } from './handlers.ts';
import { ACCOUNT, REGION } from './scenario.ts';

function stateChange(instanceId: string, state: string, at: string): object {
  return {
    version: '0',
    id: '7bf73129-1428-4cd3-a780-95db273d1602',
    'detail-type': 'EC2 Instance State-change Notification',
    source: 'aws.ec2',
    account: ACCOUNT,
    time: at,
    region: REGION,
    resources: [`arn:aws:ec2:${REGION}:${ACCOUNT}:instance/${instanceId}`],
    detail: { 'instance-id': instanceId, state },
  };
}

const VIP = { 'runbook:vip': 'web' };

export const HANDLER_DRILLS: readonly HandlerDrill[] = [
  {
    runbook: 'reassign-elastic-ip',
    name: 'the holder of an address stops, its standby in another zone runs',
    seed: {
      instances: {
        active: { zone: 'a', tags: { ...VIP, 'runbook:vip-priority': '10' }, stopped: true },
        standby: { zone: 'b', tags: { ...VIP, 'runbook:vip-priority': '20' } },
      },
      addresses: { vip: { on: 'active', tags: VIP } },
    },
    event: (id, at) => stateChange(id('active'), 'stopped', at),
  },
];

/** Runbooks whose main drill the emulator cannot carry. */
export const NOT_CARRIED: { readonly [runbook: string]: string } = {
  'carry-volumes': 'it begins with an instance that waits in a lifecycle hook and ends with CompleteLifecycleAction; moto has neither the wait nor the operation, and only Lambda hosts a durable execution',
};
