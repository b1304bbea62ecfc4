import type { Aws, AwsCall } from '../client/aws.ts';
import type { Tags } from '../model/observed.ts';
import { batches, describedInBatches } from './batches.ts';

/** Tags of load balancers, listeners and target groups by ARN, 20 a request; what is gone is missing. */
export async function observeTags(
  aws: Aws,
  arns: readonly string[],
  call: AwsCall,
): Promise<ReadonlyMap<string, Tags>> {
  const found = await describedInBatches(batches(arns, 20), async some => {
    const { TagDescriptions = [] } = await aws.send('DescribeTags', { ResourceArns: some }, call);
    return TagDescriptions.map(({ ResourceArn = '', Tags }) => [ResourceArn, toTags(Tags)] as const);
  });
  return new Map(found);
}

/** The same ones on all of these; a tag that is there gets the value. */
export async function addTags(aws: Aws, arns: readonly string[], tags: Tags, call: AwsCall): Promise<void> {
  for (const some of batches(arns, 20)) {
    await aws.send('AddTags', { ResourceArns: some, Tags: toTagList(tags) }, call);
  }
}

export async function removeTags(
  aws: Aws,
  arns: readonly string[],
  keys: readonly string[],
  call: AwsCall,
): Promise<void> {
  for (const some of batches(arns, 20)) {
    await aws.send('RemoveTags', { ResourceArns: some, TagKeys: [...keys] }, call);
  }
}

/** The list that both services speak. */
export function toTagList(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

export function toTags(
  list: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] = [],
): Tags {
  return Object.fromEntries(list.map(({ Key = '', Value = '' }) => [Key, Value]));
}
