/** Jobs of AWS Batch as a bundle reads them: what their containers ask for, of which the bundle has no schema, is what the whole SDK says. */

import { expect, it } from 'vitest';
import { bundleBoth, runBundle, startService, temporaryFolder, type Answer } from '../../build/bundle-runs.ts';

/** Bundles of the whole SDK take seconds on a busy machine. */
const BUNDLING_MS = 60_000;

const folder = temporaryFolder();

const asking = (vcpus: number): object => ({
  resourceRequirements: [
    { type: 'VCPU', value: String(vcpus) },
    { type: 'GPU', value: '8' },
  ],
});
const resources = {
  requests: { cpu: '48', memory: '1024Mi' },
  limits: { cpu: '96', memory: '1024Mi', 'nvidia.com/gpu': '4' },
};
const gang = (range: object): object => ({
  nodeProperties: { numNodes: 4, mainNode: 0, nodeRangeProperties: [{ targetNodes: '0:', ...range }] },
});
const WORKS = [
  { container: { image: 'a', vcpus: 4, memory: 512, resourceRequirements: [] } },
  gang({ container: { image: 'a', ...asking(96) }, instanceTypes: ['p4d.24xlarge'] }),
  gang({
    ecsProperties: {
      taskProperties: [
        {
          containers: [
            { name: 'solver', ...asking(90) },
            { name: 'writer', ...asking(4) },
          ],
        },
      ],
    },
  }),
  gang({ eksProperties: { podProperties: { hostNetwork: true, containers: [{ image: 'a', resources }] } } }),
];
const JOBS = WORKS.map((work, index) => ({
  jobId: String(index),
  jobName: 'wing',
  status: 'RUNNABLE',
  createdAt: 1_795_334_000_000 + index,
  ...work,
}));

const TYPES = `<DescribeInstanceTypesResponse><instanceTypeSet><item><instanceType>p4d.24xlarge</instanceType><gpuInfo><gpus><item><name>A100</name>
<manufacturer>NVIDIA</manufacturer><count>8</count><memoryInfo><sizeInMiB>40960</sizeInMiB></memoryInfo></item></gpus>
<totalGpuMemoryInMiB>327680</totalGpuMemoryInMiB></gpuInfo></item></instanceTypeSet></DescribeInstanceTypesResponse>`;

function answer(url: string, body: string): Answer {
  if (url.includes('describejobs')) return [200, 'application/json', JSON.stringify({ jobs: JOBS })];
  if (!url.includes('listjobs')) return [200, 'text/xml', TYPES];
  const jobSummaryList = body.includes('"RUNNABLE"') ? JOBS.map(({ jobId, createdAt }) => ({ jobId, createdAt })) : [];
  return [200, 'application/json', JSON.stringify({ jobSummaryList })];
}

it(
  'jobs have what their containers ask for, in whichever way it is said',
  async () => {
    const paths = await bundleBoth(
      "export { handler } from './tests/functions/scale-hpc-fleet/bundled-batch.ts';",
      folder,
      'batch',
    );
    const service = await startService(({ url = '' }, body) => answer(url, body));
    const run = async (path: string): Promise<unknown> => runBundle(path, { AWS_ENDPOINT_URL: service.endpoint });
    const read = await run(paths.slim);
    expect(read).toMatchObject({
      jobs: [
        { vcpus: 4, memoryMiB: 512, gpus: 0, nodes: null },
        { vcpus: 96, gpus: 8, instanceTypes: ['p4d.24xlarge'], hasInterfaces: true },
        { vcpus: 94, gpus: 16, nodes: 4, hasInterfaces: true },
        { vcpus: 48, memoryMiB: 1_024, gpus: 4, hasInterfaces: false },
      ],
      gpus: [{ Gpus: [{ Count: 8 }] }],
    });
    // What nobody names the slim one does not read.
    expect({ read: await run(paths.whole) }).toMatchObject({ read });
    await service.close();
  },
  BUNDLING_MS,
);
