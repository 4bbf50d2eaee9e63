/** Every tag of the project. People opt in and configure with theirs; ours are status. No tag is in both lists. */

export const PEOPLES_TAGS: readonly string[] = [
  'runbook:block',
  'runbook:flush',
  'runbook:lockdown',
  'runbook:rules',
  'runbook:vip',
  'runbook:vip-priority',
  'runbook:fence',
  'runbook:fence-asg',
  'runbook:probe',
  'runbook:failback-minutes',
  'runbook:volumes',
  'runbook:device',
  'runbook:volumes-may-begin-empty',
  'runbook:max-wait-seconds',
  'runbook:oldest-acceptable-seconds',
  'runbook:keep-snapshots',
  'runbook:freeze',
  'runbook:redrive',
  'runbook:redrive-per-second',
  'runbook:hpc-queue',
  'runbook:nodes-per-job',
  'runbook:idle-seconds',
  'runbook:ladder',
  'runbook:max-nodes',
  'runbook:attest',
  'runbook:stage-in',
];

export const OUR_TAGS: readonly string[] = [
  'runbook:moved-at',
  'runbook:moves',
  'runbook:quarantined',
  'runbook:run',
  'runbook:superseded-at',
  'runbook:was-at',
];
