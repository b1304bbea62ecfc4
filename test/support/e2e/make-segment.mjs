// Makes a segment with a program in it, says so, and does not end by itself: for the test that kills its maker.
import { Segment } from '../../../deploy/local-cluster/segment/segment.mjs';

const segment = await Segment.create({ nodes: 1 });
segment.client.namespace.spawn('sleep', ['600'], { stdio: 'ignore' });
process.stdout.write('made\n');
setInterval(() => {}, 1_000_000);
