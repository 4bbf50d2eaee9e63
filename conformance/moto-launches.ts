/** What launches of a beginning need, made in moto. Instance types are there from the start. */

import { CreateLaunchTemplateCommand } from '@aws-sdk/client-ec2';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { need, type Ids } from './moto-answers.ts';
import type { Clients } from './place.ts';
import { IMAGE, type Seed } from './scenario.ts';

export async function makeLaunches({ ec2, ssm }: Clients, seed: Seed, ids: Ids): Promise<void> {
  const { launchTemplates = {}, parameters = {} } = seed;
  for (const [LaunchTemplateName, InstanceType] of Object.entries(launchTemplates)) {
    const LaunchTemplateData = { ImageId: IMAGE, InstanceType };
    const made = await ec2.send(
      new CreateLaunchTemplateCommand({ LaunchTemplateName, LaunchTemplateData, ClientToken: LaunchTemplateName }),
    );
    ids.set(LaunchTemplateName, need(made.LaunchTemplate?.LaunchTemplateId, 'launch template'));
  }
  for (const [Name, Value] of Object.entries(parameters))
    await ssm.send(new PutParameterCommand({ Name, Value, Type: 'String' }));
}
