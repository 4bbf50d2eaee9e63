/** Versions of objects. */

import { GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { BUCKET, type Scenario } from '../scenario.ts';

const OBJECTS = { 'drop.txt': ['198.51.100.9\n', '198.51.100.10\n'] } as const;
const NAMED = { Bucket: BUCKET, Key: 'drop.txt' } as const;

export const objectScenarios: readonly Scenario[] = [
  {
    name: 'an object is read in the version that is asked for, the newest where none is',
    seed: { objects: OBJECTS },
    play: async ({ s3, id, fact, unnoted }) => {
      const read = async (VersionId?: string): Promise<string | undefined> => {
        const answer = await unnoted(() => s3(new GetObjectCommand({ ...NAMED, VersionId })));
        return answer?.Body?.transformToString('utf-8');
      };
      fact('the first', await read(id('drop.txt.1')));
      fact('the second', await read(id('drop.txt.2')));
      fact('the newest', await read());
    },
  },
  {
    name: 'an object, a version or a bucket that is not there is each another error',
    seed: { objects: OBJECTS },
    play: async ({ s3 }) => {
      await s3(new GetObjectCommand({ ...NAMED, Key: 'other.txt' }));
      await s3(new GetObjectCommand({ ...NAMED, Bucket: 'other' }));
      await s3(new GetObjectCommand({ ...NAMED, VersionId: '00000000000000000000000000000000' }));
    },
  },
  {
    name: 'whether an object is there is asked without its content',
    seed: { objects: OBJECTS },
    play: async ({ s3, fact, unnoted }) => {
      fact('it is there', (await unnoted(() => s3(new HeadObjectCommand(NAMED)))) !== undefined);
      await s3(new HeadObjectCommand({ ...NAMED, Key: 'other.txt' }));
      await s3(new HeadObjectCommand({ ...NAMED, Bucket: 'other' }));
    },
  },
];
