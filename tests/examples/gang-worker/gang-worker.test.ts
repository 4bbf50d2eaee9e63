/** The worker's script does what the page of scale-hpc-fleet asks of a worker: real processes, signals and files. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it, type TestContext } from 'vitest';
import { z } from 'zod';
import { readTemplate } from '../../../build/cloudformation.ts';
import { QUEUE, TEMPLATE, type Account, type Node } from './account.ts';
import { SCRIPT, Stage } from './stage.ts';

const policies = z.array(
  z.object({ PolicyDocument: z.object({ Statement: z.array(z.object({ Action: z.array(z.string()) })) }) }),
);

const GANG = 'b9247112081e4ffa44ed1af72ad91945';
const OTHER = '4a8222312f495647d4a2f5bced2d0000';

async function stage({ onTestFinished }: TestContext): Promise<Stage> {
  const made = new Stage();
  onTestFinished(() => made.close());
  await made.open();
  return made;
}

function first(nodes: readonly Node[]): Node {
  const [node] = nodes;
  if (node === undefined) throw new Error('a gang has a node');
  return node;
}

/** What has happened to a job and its gang, without what keeps them: in the order in which it did. */
function course({ calls }: Account): string[] {
  return calls
    .filter((call) => !call.includes('writes hpc-attest') && !/for [1-9]/u.test(call))
    .map((call) => call.replace(/ \{.*/u, ''));
}

describe.concurrent('the worker of a gang', () => {
  it('attests each node, and does a job between protecting itself and giving that back', async (test) => {
    const on = await stage(test);
    const { account } = on;
    const nodes = account.gang(GANG, 3);
    for (const node of nodes) {
      node.mounts = { '/fsx': 'lustre' };
      node.efa = ['rdmap0s31-rdm', 'rdmap0s31-rdm', 'rdmap1s31-rdm'];
    }
    const message = account.send('{"case":"wing"}\nof two lines\twith a tab');
    on.startAll(
      nodes,
      'cat > $OUT/body; cmp $OUT/body "$GANG_JOB" && cp "$GANG_HOSTS" $OUT/hosts; echo $GANG_SIZE $GANG_ID $GANG_MESSAGE > $OUT/told',
      { GANG_MOUNTS: '/fsx', GANG_EFA: '2' },
    );
    await on.until('the job is done, and the protection given back', () => course(account).length === 6);

    const [zero, one, two] = nodes;
    expect(course(account)).toEqual([
      `${zero?.id} protects itself`,
      `${zero?.id} receives ${message.id}`,
      `${zero?.id} writes hpc-job/${QUEUE}`,
      `${zero?.id} writes hpc-job/${QUEUE}`,
      `${zero?.id} deletes ${message.id}`,
      `${zero?.id} gives the protection back`,
    ]);
    expect(on.left('body')).toBe('{"case":"wing"}\nof two lines\twith a tab');
    expect(on.left('hosts')).toBe(`${zero?.address}\n${one?.address}\n${two?.address}\n`);
    expect(on.left('told')).toBe(`3 ${GANG} ${message.id}\n`);
    for (const { index } of nodes)
      expect(account.value('hpc-attest', `${GANG}/${index}`)).toEqual({
        ok: true,
        efa: 2,
        mounts: ['/fsx'],
        at: expect.stringMatching(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/u),
      });
    expect(account.value(`hpc-job/${QUEUE}`, message.id)).toMatchObject({ gang: GANG, done: expect.any(String) });
    expect(first(nodes).isProtected).toBe(false);
  });

  it('makes a job that fails visible again at once, and does it when it comes again', async (test) => {
    const on = await stage(test);
    const { account } = on;
    const nodes = account.gang(GANG, 1);
    const message = account.send('once more');
    on.startAll(nodes, 'test -e $OUT/tried || { touch $OUT/tried; exit 3; }');
    await on.until('the job is done', () => account.messages.length === 0);
    expect(message.receives).toBe(2);
    expect(account.calls).toContain(`${first(nodes).id} hides ${message.id} for 0 s`);
    await on.until('nothing is protected', () => !first(nodes).isProtected);
  });

  it('is not protected while there is nothing to do', async (test) => {
    const on = await stage(test);
    const { account } = on;
    const [worker] = on.startAll(account.gang(GANG, 2), 'true');
    await on.until('both have attested', () => account.items.size === 3);
    await pause(800);
    expect(course(account)).toEqual([]);
    expect(worker?.log()).not.toContain('modify');
  });

  it('takes no job before its gang is noted as up, nor after', async (test) => {
    const on = await stage(test);
    const { account } = on;
    const nodes = account.gang(GANG, 1, { state: 'launching' });
    const message = account.send('x');
    on.startAll(nodes, 'true');
    const attested = (): boolean => account.value('hpc-attest', `${GANG}/0`) !== undefined;
    await on.until('it has attested', attested);
    for (const state of ['launching', 'ending', 'over', undefined]) {
      if (state === undefined) account.items.delete(`hpc-gang ${TEMPLATE}/${GANG}`);
      else account.write('hpc-gang', `${TEMPLATE}/${GANG}`, { state });
      await pause(400);
    }
    expect({ course: course(account), receives: message.receives }).toEqual({ course: [], receives: 0 });
    account.write('hpc-gang', `${TEMPLATE}/${GANG}`, { state: 'up' });
    await on.until('the job is done', () => account.messages.length === 0);
  });

  it('waits until all of its nodes run', async (test) => {
    const on = await stage(test);
    const { account } = on;
    const [zero, one] = account.gang(GANG, 2);
    if (zero === undefined || one === undefined) throw new Error('two nodes');
    one.state = 'shutting-down';
    account.send('x');
    on.start(zero, 'true');
    await pause(600);
    expect(course(account)).toEqual([]);
  });

  it('receives nothing where it may not protect itself, and gives back what it may have', async (test) => {
    const on = await stage(test);
    const { account } = on;
    const nodes = account.gang(GANG, 1);
    const message = account.send('x');
    account.faults.push({ of: ['--disable-api-termination'], effect: 'refused', times: 2 });
    account.faults.push({ of: ['--disable-api-termination'], effect: 'answer lost', times: 1 });
    on.startAll(nodes, 'true');
    await on.until('the job is done', () => account.messages.length === 0);
    const { id } = first(nodes);
    expect(course(account).slice(0, 6)).toEqual([
      // Refused twice, it gives back what it does not know that it has not.
      `${id} gives the protection back`,
      `${id} gives the protection back`,
      `${id} protects itself`,
      `${id} gives the protection back`,
      `${id} protects itself`,
      `${id} receives ${message.id}`,
    ]);
  });

  it('does a job once though every kind of answer is lost once', async (test) => {
    const on = await stage(test);
    const { account } = on;
    const nodes = account.gang(GANG, 1);
    account.send('x');
    const kinds = [
      ['describe-instances'],
      ['get-item'],
      ['put-item'],
      ['get-queue-url'],
      ['get-queue-attributes'],
      ['receive-message'],
      ['--disable-api-termination'],
      ['--no-disable-api-termination'],
      ['change-message-visibility'],
      ['delete-message'],
    ];
    for (const of of kinds) account.faults.push({ of, node: first(nodes).id, effect: 'answer lost', times: 1 });
    on.startAll(nodes, 'sleep 1.5; echo ran >> $OUT/runs', { GANG_HIDDEN_SECONDS: '2' });
    await on.until('nothing is left', () => account.messages.length === 0 && !first(nodes).isProtected);
    await on.until('each was lost', () => account.faults.every(({ times }) => times === 0));
    expect(on.left('runs')).toBe('ran\n');
  });

  it('does not run again what is done, where it could not be deleted', async (test) => {
    const on = await stage(test);
    const { account } = on;
    account.send('x');
    account.faults.push({ of: ['delete-message'], effect: 'refused', times: 6 });
    on.startAll(account.gang(GANG, 1), 'echo ran >> $OUT/runs');
    await on.until('it is deleted', () => account.messages.length === 0);
    expect(on.left('runs')).toBe('ran\n');
  });

  it('comes back by its visibility when the worker is killed; who starts anew gives back what was held', async (test) => {
    const on = await stage(test);
    const { account } = on;
    const nodes = account.gang(GANG, 1);
    const message = account.send('x');
    const [worker] = on.startAll(nodes, 'echo $$ > $OUT/pid; exec sleep 60', { GANG_HIDDEN_SECONDS: '2' });
    await on.until('it works', () => on.left('pid') !== undefined);
    worker?.process.kill('SIGKILL');
    process.kill(-Number(on.left('pid')), 'SIGKILL');
    const others = account.gang(OTHER, 1);
    on.startAll(others, 'echo ran >> $OUT/runs');
    await on.until('the other gang has done it', () => account.messages.length === 0);
    expect({ runs: on.left('runs'), receives: message.receives, isProtected: first(nodes).isProtected }).toEqual({
      runs: 'ran\n',
      receives: 2,
      isProtected: true,
    });
    on.start(first(nodes), 'true');
    await on.until('it is not protected any more', () => !first(nodes).isProtected);
  });

  it('gives a job back at once when it starts anew after it was killed', async (test) => {
    const on = await stage(test);
    const { account } = on;
    const nodes = account.gang(GANG, 1);
    const message = account.send('x');
    const [worker] = on.startAll(nodes, 'echo $$ > $OUT/pid; exec sleep 60', { GANG_HIDDEN_SECONDS: '600' });
    await on.until('it works', () => on.left('pid') !== undefined);
    worker?.process.kill('SIGKILL');
    process.kill(-Number(on.left('pid')), 'SIGKILL');
    on.startAll(nodes, 'true', { GANG_HIDDEN_SECONDS: '600' });
    await on.until('it is done', () => account.messages.length === 0);
    expect(message.receives).toBe(2);
  });

  it.each([0, 1])('gives a job up when a Spot notice comes to node %i, and takes no other', async (noticed) => {
    const on = new Stage();
    await on.open();
    try {
      const { account } = on;
      const nodes = account.gang(GANG, 2, { market: 'spot' });
      const message = account.send('x');
      on.startAll(nodes, 'trap "echo saved > $OUT/told; exit 0" TERM; touch $OUT/begun; while :; do sleep 0.1; done', {
        GANG_STAGE_OUT: 'cp $OUT/told $OUT/out; echo "$GANG_EXIT" >> $OUT/out',
      });
      await on.until('it works', () => on.left('begun') !== undefined);
      expect(account.value('hpc-lease', GANG)).toMatchObject({ state: 'busy' });
      const node = nodes[noticed];
      if (node !== undefined) node.isNoticed = true;
      await on.until(
        'the lease is free',
        () => JSON.stringify(account.value('hpc-lease', GANG)) === '{"state":"free"}',
      );
      expect(account.value('hpc-attest', `${GANG}/${noticed}`)).toMatchObject({ ok: false, why: 'spot notice' });
      expect(on.left('out')).toBe('saved\n0\n');
      expect(message.visibleAtMs).toBeLessThanOrEqual(Date.now());
      await pause(600);
      expect({ messages: account.messages.length, receives: message.receives }).toEqual({ messages: 1, receives: 1 });
    } finally {
      await on.close();
    }
  });

  it('takes no job under a lease that is closed', async (test) => {
    const on = await stage(test);
    const { account } = on;
    account.write('hpc-lease', GANG, { state: 'closed', until: null });
    const message = account.send('x');
    on.startAll(account.gang(GANG, 1, { market: 'spot' }), 'true');
    await on.until('it has attested', () => account.value('hpc-attest', `${GANG}/0`) !== undefined);
    await pause(600);
    expect({ receives: message.receives, lease: account.value('hpc-lease', GANG) }).toEqual({
      receives: 0,
      lease: { state: 'closed', until: null },
    });
  });

  it('keeps a job that SQS hides no longer: another gang that receives it leaves it alone', async (test) => {
    const on = await stage(test);
    const { account } = on;
    account.hiddenLimitSeconds = 3;
    const nodes = account.gang(GANG, 1);
    const others = account.gang(OTHER, 1);
    const message = account.send('x');
    const job = 'echo "$GANG_ID" >> $OUT/runs; sleep 4.5';
    const short = { GANG_HIDDEN_SECONDS: '3' };
    on.startAll(nodes, job, short);
    await on.until('it works', () => on.left('runs') !== undefined);
    on.startAll(others, job, short);
    await on.until('it is done', () => account.messages.length === 0);
    expect({ runs: on.left('runs'), isTwice: message.receives > 1 }).toEqual({ runs: `${GANG}\n`, isTwice: true });
    await on.until('nothing is protected', () => account.nodes.every(({ isProtected }) => !isProtected));
  });

  it('keeps the gang for results that cannot be brought out yet, and the message for as long', async (test) => {
    const on = await stage(test);
    const { account } = on;
    const nodes = account.gang(GANG, 1);
    account.send('x');
    on.startAll(nodes, 'echo ran >> $OUT/runs', {
      GANG_STAGE_IN: 'echo in >> $OUT/runs',
      GANG_STAGE_OUT: 'echo out >> $OUT/runs; test -e $OUT/there',
    });
    await on.until('it has been tried twice', () => (on.left('runs') ?? '').split('out').length > 2);
    expect({ messages: account.messages.length, isProtected: first(nodes).isProtected }).toEqual({
      messages: 1,
      isProtected: true,
    });
    writeFileSync(join(on.out, 'there'), '');
    await on.until('it is done', () => account.messages.length === 0 && !first(nodes).isProtected);
    expect(on.left('runs')).toMatch(/^in\nran\n(?:out\n)+$/u);
  });

  it('gives a job back when it is told to stop, and the protection, and ends', async (test) => {
    const on = await stage(test);
    const { account } = on;
    const nodes = account.gang(GANG, 1);
    const message = account.send('x');
    const [worker] = on.startAll(nodes, 'touch $OUT/begun; sleep 60');
    await on.until('it works', () => on.left('begun') !== undefined);
    worker?.process.kill('SIGTERM');
    await on.until('it has ended', () => worker?.process.exitCode === 0);
    expect(message.visibleAtMs).toBeLessThanOrEqual(Date.now());
    expect(first(nodes).isProtected).toBe(false);
  });

  it('gives a job up when a node is gone', async (test) => {
    const on = await stage(test);
    const { account } = on;
    const nodes = account.gang(GANG, 2);
    const message = account.send('x');
    on.start(first(nodes), 'touch $OUT/begun; sleep 60');
    await on.until('it works', () => on.left('begun') !== undefined);
    for (const node of nodes.slice(1)) node.state = 'shutting-down';
    await on.until('the protection is given back', () => !first(nodes).isProtected);
    expect(message.visibleAtMs).toBeLessThanOrEqual(Date.now());
  });

  it('says why a node is not fit, and when it is', async (test) => {
    const on = await stage(test);
    const { account } = on;
    const nodes = account.gang(GANG, 1);
    first(nodes).efa = ['rdmap0s31-rdm'];
    on.startAll(nodes, 'true', { GANG_MOUNTS: '/fsx', GANG_EFA: '1' });
    await on.until('it has said why', () => account.value('hpc-attest', `${GANG}/0`) !== undefined);
    expect(account.value('hpc-attest', `${GANG}/0`)).toMatchObject({ ok: false, why: '/fsx is not mounted' });
    first(nodes).mounts = { '/fsx': 'lustre' };
    await on.until('it is fit', () => JSON.stringify(account.value('hpc-attest', `${GANG}/0`)).includes('"ok":true'));
  });

  it.for([{ market: 'on-demand' }, { market: 'spot' }] satisfies { market: Node['market'] }[])(
    'has a job done once, and nothing held, wherever it was killed: $market',
    async ({ market }, test) => {
      // Each call that changes something, from the attestation to what is given back: killed before it is answered.
      const points = [
        /hpc-attest/u,
        /protects|"busy"/u,
        /receives/u,
        /hpc-job/u,
        /"done"/u,
        /deletes/u,
        /protection back|"free"/u,
      ];
      await Promise.all(
        points.map(async (point) => {
          const on = await stage(test);
          const { account } = on;
          const node = first(account.gang(GANG, 1, { market }));
          account.send('x');
          const short = { GANG_HIDDEN_SECONDS: '2' };
          const worker = on.start(node, 'echo ran >> $OUT/runs', short);
          account.onChange = (what) => {
            if (point.test(what)) worker.process.kill('SIGKILL');
          };
          await on.until(`it is killed at ${point}`, () => worker.process.signalCode === 'SIGKILL');
          on.start(node, 'echo ran >> $OUT/runs', short);
          const lease = (): string => JSON.stringify(account.value('hpc-lease', GANG) ?? {});
          const isHeld = (): boolean => node.isProtected || lease().includes('busy');
          await on.until(`it is done after ${point}`, () => account.messages.length === 0 && !isHeld());
          expect({ point, runs: on.left('runs') }).toEqual({ point, runs: 'ran\n' });
        }),
      );
    },
  );
});

describe('what the nodes may do', () => {
  it('is what the script calls', () => {
    const { Resources } = z
      .object({ Resources: z.object({ Role: z.object({ Properties: z.object({ Policies: policies }) }) }) })
      .parse(readTemplate('examples/gang-worker/template.yml'));
    const granted = Resources.Role.Properties.Policies.flatMap(({ PolicyDocument: { Statement } }) =>
      Statement.flatMap(({ Action }) => Action),
    );
    const called = [...readFileSync(SCRIPT, 'utf8').matchAll(/(?:call|insist) (ec2|sqs|dynamodb) ([a-z-]+)/gu)].map(
      ([, service, words = '']) =>
        `${service}:${words.replaceAll(/(?:^|-)([a-z])/gu, (_, letter: string) => letter.toUpperCase())}`,
    );
    expect([...new Set(granted)].toSorted()).toEqual([...new Set(called)].toSorted());
  });
});
