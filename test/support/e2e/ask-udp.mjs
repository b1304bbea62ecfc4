// Sends one datagram, prints the answer, and fails where none comes: node ask-udp.mjs <address> <port>
import { createSocket } from 'node:dgram';

const patienceMs = 2_000;
const [address = '', port = ''] = process.argv.slice(2);

const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
const timer = setTimeout(() => process.exit(1), patienceMs);
socket.on('message', answer => {
  clearTimeout(timer);
  process.stdout.write(answer);
  socket.close();
});
socket.on('error', () => process.exit(1));
socket.send('who?', Number(port), address);
