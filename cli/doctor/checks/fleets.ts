/** Whether each fleet could launch a gang: a job is put into its queue in the copy, and the runbook is asked. */

import type { World } from '../../../simulator/engine/model.ts';
import { records, show } from '../../../simulator/services/ec2/state.ts';
import type { DeployedFunction } from '../../../simulator/engine/run-types.ts';
import { isFifo, messagesIn, queueByName } from '../../../simulator/services/sqs/state.ts';
import type { ParsedWorld } from '../../../simulator/world/world-file.ts';
import { tagOf } from '../../../rehearsal/records.ts';
import { finder, type Finding } from '../finding.ts';
import type { Lines } from '../lines.ts';
import { saidOf } from '../tried.ts';

const RUNBOOK = 'scale-hpc-fleet';
const QUEUE = 'runbook:hpc-queue';
const launchable = finder('launchable', RUNBOOK);

/** What is needed to try one out. */
interface Trial {
  readonly world: World;
  readonly parsed: ParsedWorld;
  readonly runbook: DeployedFunction;
  readonly lines: Lines;
}

function jobFor(queueIsFifo: boolean): object {
  const Attributes = { MessageGroupId: 'doctor', MessageDeduplicationId: 'doctor' };
  return {
    MessageId: '00000000-0000-4000-8000-000000000001',
    Body: '{"doctor":true}',
    ...(queueIsFifo ? { Attributes } : {}),
  };
}

async function ofFleet({ world, parsed, runbook, lines }: Trial, templateId: string, name: string): Promise<Finding> {
  const about = `${name} ${templateId}`;
  const queue = queueByName(world, name);
  if (queue === undefined)
    return launchable({
      level: 'broken',
      about,
      text: `there is no queue ${name}: no job of it is ever seen`,
      fix: lines.aws('sqs:CreateQueue', { QueueName: name }),
    });
  const messages = [...messagesIn(queue), jobFor(isFifo(queue))];
  const said = await saidOf(parsed, runbook, [runbook], { [`sqs/Queues/${name}/Messages`]: messages });
  if ('why' in said) return launchable({ level: 'unread', about, text: `cannot be played: ${said.why}` });
  const own = said.results.find(({ target = '' }) => target.endsWith(templateId));
  if (own === undefined || own.outcome === 'planned')
    return launchable({
      level: 'ok',
      about,
      text: own === undefined ? 'has a gang for a job' : `a job: ${own.reason}`,
    });
  const [code = ''] = own.reason.split(':');
  return launchable({
    level: 'broken',
    about,
    text: `a job that came now would wait: ${own.reason}`,
    fix: lines.page(RUNBOOK, code),
  });
}

/** Asks the runbook for each fleet of launch templates. */
export async function launchesOf(trial: Trial): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const template of records(trial.world, 'LaunchTemplates')) {
    const queue = tagOf(template, QUEUE);
    if (queue !== undefined) findings.push(await ofFleet(trial, show(template['LaunchTemplateId']), queue));
  }
  return findings;
}
