import { expect, test } from 'vitest';
import { doubleAnswersMs } from './segment-observer.ts';

const answers = (text: string) => Array.from(text, (mac, at) => ({ at, mac })).filter(({ mac }) => mac !== ' ');

test.each([
  { heard: '', ms: 0, what: 'nothing' },
  { heard: 'aaa', ms: 0, what: 'one host' },
  { heard: 'aa  bb', ms: 0, what: 'one after the other' },
  { heard: 'aab a b', ms: 2, what: 'both, until the first falls silent' },
  { heard: 'abababa', ms: 5, what: 'both, for ever' },
  { heard: 'aab abbccb', ms: 2, what: 'three hosts, two at a time' },
])('of $what, both answered for $ms ms', ({ heard, ms }) => {
  expect(doubleAnswersMs(answers(heard))).toBe(ms);
});
