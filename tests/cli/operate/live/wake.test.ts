import { describe, expect, it } from 'vitest';
import { wake } from '../../../../cli/operate/live/wake.ts';
import { refused, useAccount } from './account.ts';

const account = useAccount();
const CALL = 'lambda:SendDurableExecutionCallbackSuccess';
const HINT = { person: 'AROA1:kim', planHash: '3f0c' };
const woken = (): Promise<string | undefined> => wake('eu-west-1', 'callback-1', HINT);

describe('a run that waits', () => {
  it('is told whose word to read, and of which plan', async () => {
    account.answer({ [CALL]: () => ({ body: {} }) });
    expect(await woken()).toBeUndefined();
    expect(account.asked).toMatchObject([
      { call: CALL, path: '/2025-12-01/durable-execution-callbacks/callback-1/succeed', input: HINT },
    ]);
  });

  it('hears it once where the answer is lost', async () => {
    account.answer({
      [CALL]: () =>
        account.asked.length === 1
          ? { status: 500, body: { __type: 'ServiceException', message: 'lost' } }
          : { status: 400, body: { __type: 'InvalidParameterValueException', message: 'is completed' } },
    });
    expect(await woken()).toBeUndefined();
    expect(account.asked).toHaveLength(2);
  });

  it('is not known to be awake where nothing answers', async () => {
    account.answer({ [CALL]: 'cut' });
    await expect(woken()).rejects.toThrow('the run was not woken: ');
    expect(account.asked).toHaveLength(2);
  });

  it.each(['CallbackTimeoutException', 'InvalidParameterValueException', 'ResourceNotFoundException'])(
    'waits no more where Lambda says %s',
    async (name) => {
      account.answer({ [CALL]: refused(400, name) });
      expect(await woken()).toMatch(new RegExp(`^${name}`, 'u'));
      expect(account.asked).toHaveLength(1);
    },
  );

  it('is not woken by whom IAM does not let', async () => {
    account.answer({ [CALL]: refused() });
    await expect(woken()).rejects.toThrow('the run was not woken: AccessDeniedException');
    expect(account.asked).toHaveLength(1);
  });
});
