import {
  AddTagsCommand,
  DeleteTargetGroupCommand,
  DescribeTagsCommand,
  RemoveTagsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { recordOf } from '../observed/observed-world.ts';
import { outcomeOf, type Rule } from './rule.ts';
import type { Stage } from './stage.ts';

export const tagRules: readonly Rule[] = [
  {
    rule: 'tags of the create are there, and can be added to, changed and removed',
    try: async stage => {
      const arn = await stage.group({ Tags: tags(2) });
      await add(stage, arn, [
        { Key: 'key-1', Value: 'new' },
        { Key: 'key-2', Value: 'x' },
      ]);
      await stage.clients.elb.send(new RemoveTagsCommand({ ResourceArns: [arn], TagKeys: ['key-0', 'nothing'] }));
      const { TagDescriptions } = await stage.clients.elb.send(new DescribeTagsCommand({ ResourceArns: [arn] }));
      return recordOf(TagDescriptions?.[0]?.Tags);
    },
    aws: { 'key-1': 'new', 'key-2': 'x' },
  },
  {
    rule: 'fifty tags are the most',
    try: async stage => {
      const arn = await stage.group();
      return [await outcomeOf(add(stage, arn, tags(50))), await outcomeOf(add(stage, arn, tags(51).slice(50)))];
    },
    aws: ['ok', 'TooManyTags'],
  },
  {
    rule: 'a key is given once, without the prefix of AWS, and with at most 128 characters',
    try: async stage => {
      const arn = await stage.group();
      return [
        await outcomeOf(add(stage, arn, [...tags(1), ...tags(1)])),
        await outcomeOf(add(stage, arn, [{ Key: 'aws:a', Value: '' }])),
        await outcomeOf(add(stage, arn, [{ Key: 'x'.repeat(129), Value: '' }])),
        await outcomeOf(add(stage, arn, [{ Key: 'x', Value: 'x'.repeat(257) }])),
      ];
    },
    aws: ['DuplicateTagKeys', 'ValidationError', 'ValidationError', 'ValidationError'],
    moto: ['ok', 'ok', 'ok', 'ok'],
  },
  {
    rule: 'the tags of at most 20 things can be asked for',
    try: async stage => {
      const arn = await stage.group();
      const ask = (count: number) =>
        outcomeOf(
          stage.clients.elb.send(new DescribeTagsCommand({ ResourceArns: Array(count).fill(arn) as string[] })),
        );
      return [await ask(20), await ask(21)];
    },
    aws: ['ok', 'ValidationError'],
    moto: ['ok', 'ok'],
  },
  {
    rule: 'what is not there has no tags that could be asked for',
    try: async stage => {
      const TargetGroupArn = await stage.group({ Tags: tags(1) });
      await stage.clients.elb.send(new DeleteTargetGroupCommand({ TargetGroupArn }));
      return outcomeOf(stage.clients.elb.send(new DescribeTagsCommand({ ResourceArns: [TargetGroupArn] })));
    },
    aws: 'TargetGroupNotFound',
    moto: 'ok',
  },
];

function tags(count: number): { Key: string; Value: string }[] {
  return Array.from({ length: count }, (_, n) => ({ Key: `key-${n}`, Value: `${n}` }));
}

function add(stage: Stage, arn: string, Tags: { Key: string; Value: string }[]): Promise<unknown> {
  return stage.clients.elb.send(new AddTagsCommand({ ResourceArns: [arn], Tags }));
}
