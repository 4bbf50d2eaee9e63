/** Credentials are found once for all clients: whoever has to type a code types one. */

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { livePlace } from '../../../../cli/operate/live/live-place.ts';
import { plate, plates, useAccount } from './account.ts';

const account = useAccount();
const folder = mkdtempSync(join(tmpdir(), 'runbook-credentials-'));
const log = join(folder, 'asked');

const HELPER = `
  require('node:fs').appendFileSync(process.argv[2], 'asked\\n');
  console.log(JSON.stringify({ Version: 1, AccessKeyId: 'AKIDHELPER', SecretAccessKey: 'example' }));
`;

afterEach(() => void vi.unstubAllEnvs());

describe('credentials of a helper', () => {
  it('are asked for once, and sign every request', async () => {
    writeFileSync(join(folder, 'helper.cjs'), HELPER);
    writeFileSync(
      join(folder, 'config'),
      `[profile on-call]\ncredential_process = "${process.execPath}" "${join(folder, 'helper.cjs')}" "${log}"\n`,
    );
    vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'config'));
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'none'));
    vi.stubEnv('AWS_PROFILE', 'on-call');
    vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', undefined);
    account.answer({ 'ssm:GetParametersByPath': plates(['ops', plate('ops')]) });
    const sink = { isTTY: false, columns: () => 80, write: () => undefined };
    const place = await livePlace(
      {
        stdout: sink,
        stderr: sink,
        env: process.env,
        functions: () => Promise.resolve([]),
        drills: '/nowhere',
        onInterrupt: () => () => undefined,
      },
      {},
    );
    await Promise.all(place.stacks.flatMap(({ heartbeats, alarms }) => [heartbeats(), alarms()]));
    await place.close();
    const signedBy = account.asked.map(({ headers }) => /Credential=([^/]+)/u.exec(headers.authorization ?? '')?.[1]);
    expect(signedBy).toEqual(Array.from({ length: 5 }, () => 'AKIDHELPER'));
    expect(readFileSync(log, 'utf8')).toBe('asked\n');
  });
});
