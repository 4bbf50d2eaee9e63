/** What faults may change of the end of scale-hpc-fleet's runs, and which of its calls may take effect more often. */

import { anything, type Rules } from '../equivalence.ts';

/** What is permitted to scale-hpc-fleet. */
export const RULES: Rules = {
  differences: [
    ...anything(
      'a gang is called by the run that asked for it, and when: another run asks under another name',
      'ec2/Instances/*/ClientToken',
      'ec2/Instances/*/Tags/runbook:run',
      'ec2/Volumes/*/Tags/runbook:run',
      'ec2/NetworkInterfaces/*/Tags/runbook:run',
      'ec2/NetworkInterfaces/*/TagSet/runbook:run',
      'ec2/LaunchTokens/*',
      'ec2/LaunchTokens/*/*',
      'ec2/LaunchTokens/*/*/*',
    ),
    ...anything(
      'a stage-in is started when the look is that asks for it, under a token of its run; how many jobs it covers, and whether another is needed, is by when it was asked for: that no gang comes before its data an invariant says',
      'fsx/DataRepositoryTasks/*',
      'fsx/DataRepositoryTasks/*/*',
      'datasync/Tasks/*/CurrentTaskExecutionArn',
      'datasync/TaskExecutions/*',
      'datasync/TaskExecutions/*/*',
    ),
    ...anything(
      'a command is known by when it was decided on, and a fault may have a status asked for once more: how the partitions stand is compared',
      'ssm/CommandInvocations/*',
      'ssm/CommandInvocations/*/*',
      'ssm/CommandInvocations/*/*/*',
    ),
    ...anything(
      'what a run had announced that lost its lease is settled by the next one that takes it: while a cluster is PROTECTED none does for five minutes',
      'ledger/*/pending',
    ),
    ...anything(
      'up to when ends are counted is when the last gang went that was too many: one that a fault kept back goes later, or in the name of the first try',
      'ledger/*/memory/spareGone',
    ),
    ...anything('what a fault keeps a run from asking for the next tick asks for, and books', 'ledger/*/actions'),
    ...anything(
      'a job of AWS Batch starts, and ends, so much later as its nodes were asked for later',
      'batch/jobs/*/startedAt',
      'batch/jobs/*/stoppedAt',
    ),
  ],
  surplus: [
    ...['ec2:RunInstances', 'ec2:TerminateInstances'].map((call) => ({
      call,
      perFault: 1,
      againPerDuplicate: 0,
      againWithoutLedger: 0,
      because:
        'a fault may have a job come before its gang is ended, or after: then it has another, which goes as well; that there are never two for one job an invariant says',
    })),
    ...['fsx:CreateDataRepositoryTask', 'datasync:StartTaskExecution'].map((call) => ({
      call,
      perFault: 1,
      againPerDuplicate: 0,
      againWithoutLedger: 0,
      because: 'a job that a fault has counted later is covered by another stage-in',
    })),
    {
      call: 'ssm:SendCommand',
      perFault: 2,
      againPerDuplicate: 0,
      againWithoutLedger: 0,
      because:
        'the status is asked for once more: nothing is parked by it, and a park or unpark that is repeated finds its work done',
    },
    {
      call: 'events:PutEvents',
      perFault: 12,
      againPerDuplicate: 12,
      againWithoutLedger: 120,
      because: 'two rungs that a fault brings out of step are tried, and told of, at different minutes',
    },
    {
      call: 'lambda:CheckpointDurableExecution',
      perFault: 400,
      againPerDuplicate: 400,
      againWithoutLedger: 5_000,
      because: 'without its ledger each tick refuses, and its run says so: for as many minutes as a job takes',
    },
  ],
};
