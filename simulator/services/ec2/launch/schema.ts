/** What launches need, in EC2's part of a world file: launch templates, placement groups, instance types, capacity reservations. */

import {
  CapacityReservation$,
  CapacityReservationState,
  InstanceTypeInfo$,
  InstanceTypeOffering$,
  LaunchTemplate$,
  LaunchTemplateVersion$,
  LocationType,
  PlacementGroup$,
  PlacementGroupState,
  PlacementStrategy,
  ResponseLaunchTemplateData$,
} from '@aws-sdk/client-ec2';
import { z } from 'zod';
import { awsTime as time } from '../../pasted.ts';
import { recordSchema, type Refinements } from '../shape.ts';

const REFINEMENTS: Refinements = {
  PlacementGroup: {
    State: z.enum(Object.values(PlacementGroupState)),
    Strategy: z.enum(Object.values(PlacementStrategy)),
  },
  InstanceTypeOffering: { LocationType: z.enum(Object.values(LocationType)) },
  CapacityReservation: {
    State: z.enum(Object.values(CapacityReservationState)),
    InstanceMatchCriteria: z.enum(['open', 'targeted']),
  },
};

const templateData = recordSchema(ResponseLaunchTemplateData$, undefined, {});

const launchTemplate = recordSchema(LaunchTemplate$, undefined, REFINEMENTS, {
  LaunchTemplateData: templateData
    .optional()
    .describe('What its default version says; the same as an entry of LaunchTemplateVersions.'),
  Data: templateData.optional().describe('LaunchTemplateData, shorter.'),
});

const seconds = z.number().min(0).optional();

const TYPE_OWN = {
  PendingSeconds: seconds.describe('How long its instances stay pending (default 20).'),
  InitializingSeconds: seconds.describe('How long the status checks of its instances initialize (default 150).'),
};

const launchToken = z.strictObject({
  TokenId: z.string(),
  ClientToken: z.string(),
  AvailabilityZone: z.string(),
  Request: z.string(),
  InstanceIds: z.array(z.string()).describe('Empty: the request was refused for want of room.'),
  UsedAt: time,
});

/** The collections, each as the describe operation prints it. */
export const launchSections = {
  LaunchTemplates: z.array(launchTemplate).optional().describe('describe-launch-templates output as it is.'),
  LaunchTemplateVersions: z
    .array(
      recordSchema(LaunchTemplateVersion$, undefined, REFINEMENTS, {
        VersionId: z.string().optional().describe('ID:NUMBER. Derived.'),
      }),
    )
    .optional()
    .describe('describe-launch-template-versions output as it is.'),
  PlacementGroups: z
    .array(recordSchema(PlacementGroup$, undefined, REFINEMENTS))
    .optional()
    .describe('describe-placement-groups output as it is. Left out: cluster, available.'),
  InstanceTypes: z
    .array(recordSchema(InstanceTypeInfo$, 'InstanceType', REFINEMENTS, TYPE_OWN))
    .optional()
    .describe('describe-instance-types output as it is. Where there are any, there are no others.'),
  InstanceTypeOfferings: z
    .array(
      recordSchema(InstanceTypeOffering$, 'InstanceType', REFINEMENTS, {
        OfferingId: z.string().optional().describe('LOCATION/TYPE. Derived.'),
      }),
    )
    .optional()
    .describe('describe-instance-type-offerings output as it is. Left out: every type is offered in every zone.'),
  CapacityReservations: z
    .array(recordSchema(CapacityReservation$, 'CapacityReservationId', REFINEMENTS))
    .optional()
    .describe(
      'describe-capacity-reservations output as it is. Left out, AvailableInstanceCount is what the instances in it leave.',
    ),
  LaunchTokens: z
    .array(launchToken)
    .optional()
    .describe('Client tokens of RunInstances that were used. A run leaves them behind.'),
};
