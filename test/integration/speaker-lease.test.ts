import { describe, expect, test } from 'vitest';
import { startSpeakers } from '../support/speakers.ts';

describe.concurrent('the Lease of a node', () => {
  test('is held by this process and renewed; it lasts five seconds, and goes with the Node', async () => {
    await using speakers = await startSpeakers();
    await speakers.createNode('n1');
    const announcer = await speakers.start('n1');
    await speakers.until('it is held', async () => (await speakers.lease('n1')) !== undefined);
    const lease = await speakers.lease('n1');
    expect(lease).toMatchObject({
      metadata: {
        labels: { 'app.kubernetes.io/name': 'fairlead', 'app.kubernetes.io/component': 'speaker' },
      },
      spec: { holderIdentity: announcer.context.bootId, leaseDurationSeconds: 5 },
    });
    await speakers.until(
      'it is renewed',
      async () => (await speakers.lease('n1'))?.spec.renewTime !== lease?.spec.renewTime,
    );
    expect((await speakers.lease('n1'))?.spec.acquireTime).toBe(lease?.spec.acquireTime);
  });

  test('is not renewed while the part that answers on the wire does not answer, and others see it expire', async () => {
    await using speakers = await startSpeakers();
    await Promise.all(['n1', 'n2'].map(name => speakers.createNode(name)));
    const [watching, wedged] = [await speakers.start('n1'), await speakers.start('n2')];
    await speakers.until('it is fresh', () => speakers.node(watching.view, 'n2')?.lease === 'fresh');
    wedged.isAnswering = false;
    await speakers.until('it expires', () => speakers.node(watching.view, 'n2')?.lease === 'expired');
    expect(speakers.candidates(watching.view, '198.18.0.1')).toBeUndefined();
    wedged.isAnswering = true;
    await speakers.until('it is fresh again', () => speakers.node(watching.view, 'n2')?.lease === 'fresh');
  });

  test('is released at the end, after everything was handed over and the record was written', async () => {
    await using speakers = await startSpeakers();
    await Promise.all(['n1', 'n2'].map(name => speakers.createNode(name)));
    const [watching, leaving] = [await speakers.start('n1'), await speakers.start('n2')];
    leaving.claim('198.18.0.1');
    await speakers.until('it is on record', async () => (await speakers.recorded('n2'))?.length === 1);
    const handedOver = Promise.withResolvers<void>();
    leaving.onLeave = () => handedOver.promise;
    const ended = speakers.stop('n2');
    const renewed = (await speakers.lease('n2'))?.spec.renewTime;
    await speakers.until(
      'it is renewed while it leaves',
      async () => (await speakers.lease('n2'))?.spec.renewTime !== renewed,
    );
    handedOver.resolve();
    expect(await ended).toBe('stopped');
    expect(leaving.done).toEqual(['leave', 'close']);
    expect(await speakers.recorded('n2')).toEqual([]);
    expect((await speakers.lease('n2'))?.spec.holderIdentity).toBe('');
    await speakers.until('the others see it', () => speakers.node(watching.view, 'n2')?.lease === 'none');
  });

  test('is taken over at once by the next process of the node; one that is still alive falls silent and ends', async () => {
    await using speakers = await startSpeakers();
    await speakers.createNode('n1');
    const old = await speakers.start('n1');
    await speakers.until('it is held', async () => (await speakers.lease('n1')) !== undefined);
    const oldEnds = speakers.ended('n1');
    const next = await speakers.start('n1');
    expect(await oldEnds).toBe('replaced');
    expect(old.done).toEqual(['close']);
    expect((await speakers.lease('n1'))?.spec.holderIdentity).toBe(next.context.bootId);
  });

  test('is made again when it was deleted', async () => {
    await using speakers = await startSpeakers();
    await speakers.createNode('n1');
    await speakers.start('n1');
    await speakers.until('it is held', async () => (await speakers.lease('n1')) !== undefined);
    const path = `/apis/coordination.k8s.io/v1/namespaces/${speakers.namespace}/leases/fairlead-speaker-${speakers.nodeName('n1')}`;
    await speakers.admin.request({ method: 'DELETE', path });
    await speakers.until('it is held again', async () => (await speakers.lease('n1')) !== undefined);
    expect((await speakers.lease('n1'))?.spec.holderIdentity).toBe(speakers.announcer('n1').context.bootId);
  });
});
