/** Plays the scenarios about queues on ElasticMQ, and keeps of them what SQS answers. */

import type { ElasticMq } from './server.ts';
import { playOnMoto } from '../on-moto.ts';
import { moveTaskScenarios } from '../scenarios/move-tasks.ts';
import { queueScenarios } from '../scenarios/queues.ts';
import type { Played, Scenario } from '../scenario.ts';

/** What moto is held against too, and what it does not have. */
export const ELASTICMQ_SCENARIOS: readonly Scenario[] = [...queueScenarios, ...moveTaskScenarios];

/** Its tasks move letters one after the other, and take their time where the machine is busy. */
const PATIENCE = { pauseMs: 200, looks: 50 };

/** What was asked of another service has no answer there. */
export function aboutQueues(played: Played): Played {
  return {
    ...played,
    notes: played.notes.filter(({ operation }) => operation === 'fact' || operation.startsWith('sqs:')),
  };
}

/** Plays all of them, one after the other. */
export async function playOnElasticMq(server: ElasticMq): Promise<readonly Played[]> {
  const played: Played[] = [];
  for (const scenario of ELASTICMQ_SCENARIOS) played.push(aboutQueues(await playOnMoto(scenario, server, PATIENCE)));
  return played;
}
