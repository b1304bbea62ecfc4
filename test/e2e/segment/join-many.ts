// Joins the groups of so many addresses, then leaves all but ten, and writes after each how many the kernel counts: node join-many.ts <interface> <count>
import { readFileSync } from 'node:fs';
import { watchInterfaces } from '../../../providers/bare-metal/interfaces/interface-watch.ts';
import { GroupJoins } from '../../../providers/bare-metal/segment/group-joins.ts';
import { loadLibc } from '../../../providers/bare-metal/segment/libc.ts';

const [name = '', count = '0'] = process.argv.slice(2);
const libc = await loadLibc();
const { index } = [...watchInterfaces(libc).interfaces.values()].find(each => each.name === name) ?? { index: 0 };
const joins = new GroupJoins(libc, index);
const addresses = Array.from({ length: Number(count) }, (_, number) => {
  const address = Buffer.from('fd000000000000000000000000000000', 'hex');
  address.writeUIntBE(0x10_0000 + number, 13, 3);
  return address;
});

function groups(): readonly string[] {
  const lines = readFileSync('/proc/net/igmp6', 'utf8').split('\n');
  return lines.flatMap(line => /ff0200000000000000000001ff1\w+/.exec(line) ?? []);
}

/** One address of sixteen that the kernel has made of a MAC has such a group as well. */
const others = new Set(groups());
const counted = (): number => groups().filter(group => !others.has(group)).length;

joins.want(addresses);
const faults = new Set<string | undefined>();
while (joins.pending > 0) faults.add(joins.joinSome(100));
const afterJoin = counted();
joins.want(addresses.slice(0, 10));
const afterLeave = counted();
joins.close();
console.log(JSON.stringify({ faults: [...faults], afterJoin, afterLeave, afterClose: counted() }));
