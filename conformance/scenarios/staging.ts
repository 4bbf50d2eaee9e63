/** Data that is brought: what is not there is said to be so. Moto knows no data repository task, and no execution that runs by itself. */

import { DescribeTaskCommand, DescribeTaskExecutionCommand, StartTaskExecutionCommand } from '@aws-sdk/client-datasync';
import { CreateDataRepositoryTaskCommand, DescribeDataRepositoryTasksCommand } from '@aws-sdk/client-fsx';
import { ACCOUNT, REGION, type Scenario } from '../scenario.ts';

const FILE_SYSTEM = 'fs-0a1b2c3d4e5f60718';
const TASK = `arn:aws:datasync:${REGION}:${ACCOUNT}:task/task-0a1b2c3d4e5f60718`;

export const stagingScenarios: readonly Scenario[] = [
  {
    name: 'a DataSync task or execution that is not there is an invalid request',
    seed: {},
    play: async ({ dataSync }) => {
      await dataSync(new DescribeTaskCommand({ TaskArn: TASK }));
      await dataSync(new StartTaskExecutionCommand({ TaskArn: TASK }));
      await dataSync(
        new DescribeTaskExecutionCommand({ TaskExecutionArn: `${TASK}/execution/exec-0a1b2c3d4e5f60718` }),
      );
    },
  },
  {
    name: 'a file system that is not there has no data repository task',
    seed: {},
    play: async ({ fsx }) => {
      const Filters = [{ Name: 'file-system-id' as const, Values: [FILE_SYSTEM] }];
      await fsx(new DescribeDataRepositoryTasksCommand({ Filters }));
      await fsx(
        new CreateDataRepositoryTaskCommand({
          Type: 'IMPORT_METADATA_FROM_REPOSITORY',
          FileSystemId: FILE_SYSTEM,
          ClientRequestToken: 'a',
          Report: { Enabled: false },
        }),
      );
    },
  },
];
