/** The stack in which redriving is tried has what the runbook looks for: each queue of dead letters its tag, each target its permission. */

import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readTemplate } from '../../build/cloudformation.ts';

const tag = z.object({ Key: z.string(), Value: z.unknown() });
const resource = z.looseObject({
  Type: z.string(),
  Condition: z.string().optional(),
  Properties: z.looseObject({ Tags: z.array(tag).default([]) }),
});
const { Resources } = z
  .object({ Resources: z.record(z.string(), resource) })
  .parse(readTemplate('examples/dead-letters/template.yml'));

const arnOf = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });
const nameOf = (id: string) => ({ 'Fn::GetAtt': [id, 'QueueName'] });

function tagOf(id: string, key: string): unknown {
  return Resources[id]?.Properties.Tags.find(({ Key }) => Key === key)?.Value;
}

function property(id: string, name: string): unknown {
  return Resources[id]?.Properties[name];
}

function ofType(type: string): string[] {
  return Object.entries(Resources).flatMap(([id, { Type }]) => (Type === type ? [id] : []));
}

/** Ids of the resources in which something goes to a queue of dead letters. */
function buryingIn(queue: string): string[] {
  const arn = JSON.stringify(arnOf(queue));
  const places = [
    `"deadLetterTargetArn":${arn}`,
    `"TargetArn":${arn}`,
    `"Destination":${arn}`,
    `"DeadLetterConfig":{"Arn":${arn}}`,
  ];
  return Object.entries(Resources).flatMap(([id, { Properties }]) =>
    places.some((place) => JSON.stringify(Properties).includes(place)) ? [id] : [],
  );
}

describe('the dead letters of the example', () => {
  it('are of every kind that the runbook knows', () => {
    expect(buryingIn('OrdersDead')).toEqual(['Orders', 'Images', 'Documents']);
    expect(buryingIn('PaymentsDead')).toEqual(['Payments']);
    expect(buryingIn('TopicDead')).toEqual(['ImagesSubscription', 'DocumentsSubscription', 'WorkerSubscription']);
    expect(buryingIn('FunctionsDead')).toEqual(['Worker', 'InvoicesFailures']);
    expect(buryingIn('EventsDead')).toEqual(['OrderPlaced', 'Reminder']);
  });

  it('lie in tagged queues, of which one is left to the schedule and to its alarm', () => {
    const queues = ofType('AWS::SQS::Queue').filter((id) => buryingIn(id).length > 0);
    expect(Object.fromEntries(queues.map((id) => [id, tagOf(id, 'runbook:redrive')]))).toEqual({
      OrdersDead: 'auto',
      PaymentsDead: 'manual',
      FunctionsDead: 'manual',
      TopicDead: 'manual',
      EventsDead: 'manual',
    });
    expect(property('OrdersDeadAlarm', 'Dimensions')).toEqual([{ Name: 'QueueName', Value: nameOf('OrdersDead') }]);
  });

  it('may come back to the targets of functions, of the rule and of the schedule', () => {
    for (const id of ['Worker', 'Invoices'])
      expect(tagOf(id, 'runbook:redrive-target')).toEqual(nameOf('FunctionsDead'));
    expect(tagOf('Orders', 'runbook:redrive-target')).toEqual(nameOf('EventsDead'));
    expect(property('OrderPlaced', 'Targets')).toEqual([expect.objectContaining({ Arn: arnOf('Orders') })]);
    expect(property('Reminder', 'Target')).toMatchObject({ Arn: arnOf('Orders') });
  });

  it('are parked where nobody takes them', () => {
    expect(tagOf('OrdersDead', 'runbook:parking')).toEqual(nameOf('Parking'));
    const sources = ofType('AWS::Lambda::EventSourceMapping').map((id) => property(id, 'EventSourceArn'));
    expect(sources).toEqual(['Orders', 'Images', 'Documents', 'Payments'].map(arnOf));
  });

  it('come of a function of which Lambda does not say the alias only where there is none', () => {
    expect(ofType('AWS::Lambda::Alias').map((id) => property(id, 'FunctionName'))).toEqual([{ Ref: 'Invoices' }]);
    expect(property('Invoices', 'DeadLetterConfig')).toBeUndefined();
  });
});

describe('the switch of what is delivered', () => {
  it('takes each permission to deliver, and none to bury', () => {
    const shut = Object.entries(Resources).flatMap(([id, { Condition }]) => (Condition === undefined ? [] : [id]));
    expect(shut.toSorted()).toEqual(['DocumentsPolicy', 'ImagesPolicy', 'OrdersPolicy', 'TopicInvokesWorker']);
    expect(JSON.stringify(property('ReminderRole', 'Policies'))).toContain('"Fn::If":["IsReachable"');
  });
});
