import { describe, expect, test } from 'vitest';
import { startSpeakers } from '../support/speakers.ts';

describe.concurrent('what an announcer is told', () => {
  test('an address of ours, with the nodes that have a speaker, as one frozen array for all', async () => {
    await using speakers = await startSpeakers();
    await Promise.all(['n1', 'n2', 'n3'].map(name => speakers.createNode(name)));
    await speakers.publish('web', ['198.18.0.1']);
    await speakers.publish('dns', ['198.18.0.2', '2001:DB8::53']);
    const announcer = await speakers.start('n1');
    await speakers.start('n2');
    await speakers.until('both are candidates', () =>
      ['198.18.0.1', '198.18.0.2', '2001:db8::53'].every(
        address => speakers.candidates(announcer.view, address)?.join() === 'n1,n2',
      ),
    );
    const [one, other] = ['198.18.0.1', '2001:db8::53'].map(address => speakers.entry(announcer.view, address));
    expect(one?.candidates).toBe(other?.candidates);
    expect(Object.isFrozen(announcer.view) && Object.isFrozen(one) && Object.isFrozen(one?.candidates)).toBe(true);
    expect(speakers.node(announcer.view, 'n2')).toMatchObject({ lease: 'fresh' });
  });
});
