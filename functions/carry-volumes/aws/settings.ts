/** What people set by tags on the group, read strictly: a tag that cannot be read is a problem, never a default. */

import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import { tagsOf } from '../../../shared/aws/ec2/reading.ts';
import { settingsReader, wholeNumber } from '../../../shared/aws/tag-settings.ts';
import type { CarrySettings } from '../decide.ts';
import { nameOf, setOf } from './groups.ts';
import { SET } from './of-set.ts';

const SECONDS = 'a whole number of seconds';

function once(text: string): true | undefined {
  return text === 'once' ? true : undefined;
}

/** Source: SSM API, CreateDocument, `Name`. One of the account's own: another account's has an ARN. */
function documentName(text: string): string | undefined {
  return /^[\w.-]{3,128}$/u.test(text) ? text : undefined;
}

/** The group's settings, and what cannot be read of them. */
export function settingsOf(group: AutoScalingGroup): CarrySettings {
  const { problems, read } = settingsReader(nameOf(group), tagsOf(group.Tags));
  if (setOf(group) === '') problems.push(`${nameOf(group)}: tag ${SET}: a name is missing`);
  return {
    mayBeginEmpty: read('runbook:volumes-may-begin-empty', false, once, 'once'),
    maxWaitSeconds: read('runbook:max-wait-seconds', 1_800, wholeNumber, SECONDS),
    oldestAcceptableSeconds: read<number | null>('runbook:oldest-acceptable-seconds', null, wholeNumber, SECONDS),
    keepSnapshots: read('runbook:keep-snapshots', 3, wholeNumber, 'a whole number'),
    freezeDocument: read<string | null>('runbook:freeze', null, documentName, 'the name of an SSM document'),
    problems,
  };
}
