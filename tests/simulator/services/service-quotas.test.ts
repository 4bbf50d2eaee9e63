import { describe, expect, it } from 'vitest';
import { refusal } from './ec2/ec2-world.ts';
import { serviceWorld } from './service-world.ts';

describe('GetServiceQuota', () => {
  const { call, world } = serviceWorld({ 'service-quotas': { Quotas: [{ QuotaCode: 'L-1216C47A', Value: 320 }] } });

  it('tells a quota of the world', () => {
    expect(call('servicequotas:GetServiceQuota', { ServiceCode: 'ec2', QuotaCode: 'L-1216C47A' })).toEqual({
      Quota: {
        ServiceCode: 'ec2',
        QuotaCode: 'L-1216C47A',
        QuotaArn: 'arn:aws:servicequotas:eu-west-1:111122223333:ec2/L-1216C47A',
        Value: 320,
      },
    });
  });

  it('has none that the world does not list, which limits nothing', () => {
    expect(
      refusal(() => call('servicequotas:GetServiceQuota', { ServiceCode: 'ec2', QuotaCode: 'L-F7808C92' })),
    ).toMatch(/^NoSuchResourceException/u);
    expect([...world.assumed]).toEqual([
      'service-quotas: a quota that the world does not list has no applied value, and limits nothing',
    ]);
  });
});
