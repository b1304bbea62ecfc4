import { expect, test } from 'vitest';
import { chooseTags } from '../../../../providers/aws/desired/choose-tags.ts';
import { web } from '../samples.ts';

const ours = {
  'fairlead.dev/cluster': 'cluster-1',
  'fairlead.dev/service': 'default/web',
  'fairlead.dev/uid': web.service.uid,
};

test('the Service’s tags stand under the operator’s, and both under the marks of ownership', () => {
  const choice = chooseTags({
    loadBalancer: web,
    asked: { a: '1', team: 'mine', 'fairlead.dev/uid': 'other' },
    operator: { team: 'net', site: 'x' },
  });
  expect(choice.tags).toEqual({ ...ours, a: '1', site: 'x', team: 'net' });
  expect(choice.warnings).toEqual([
    { reason: 'AnnotationWithoutEffect', message: expect.stringMatching(/the operator has set team otherwise/) },
  ]);
});

test.each([
  [45, []],
  [46, [expect.stringMatching(/1 tags too many: AWS takes 50 with ours/)]],
])('%i tags beside ours', (count, faults) => {
  const asked = Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, '']));
  expect(chooseTags({ loadBalancer: web, asked, operator: {} }).faults).toEqual(faults);
});
