// A client that asks without waiting for answers: one request, on a connection of its own, every few milliseconds, until its stdin ends.
// node request-loop.mjs <http|udp> <address> <port> <interval in ms>
// Prints a line for each answer: {"sent":…,"at":…,"backend":…}, in Unix milliseconds with their fractions.
import { createSocket } from 'node:dgram';
import { get } from 'node:http';

const patienceMs = 2_000;
const [kind = '', address = '', portText = '', intervalText = ''] = process.argv.slice(2);
const [port, intervalMs] = [Number(portText), Number(intervalText)];

function now() {
  return performance.timeOrigin + performance.now();
}

/**
 * @param {number} sent
 * @param {string} text
 */
function print(sent, text) {
  process.stdout.write(`${JSON.stringify({ sent, at: now(), backend: JSON.parse(text).backend })}\n`);
}

function askHttp() {
  const sent = now();
  const asked = get({ host: address, port, agent: false, timeout: patienceMs }, answer => {
    let text = '';
    answer.setEncoding('utf8').on('data', part => {
      text += part;
    });
    answer.on('end', () => answer.statusCode === 200 && print(sent, text));
    answer.on('error', () => {}); // no answer: the gap tells
  });
  asked.on('timeout', () => asked.destroy());
  asked.on('error', () => {});
}

function askUdp() {
  const sent = now();
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  const giveUp = setTimeout(() => socket.close(), patienceMs);
  socket.on('message', answer => {
    clearTimeout(giveUp);
    print(sent, answer.toString());
    socket.close();
  });
  socket.on('error', () => {});
  socket.send('who?', port, address);
}

const timer = setInterval(kind === 'udp' ? askUdp : askHttp, intervalMs);
process.stdin.resume().on('end', () => {
  clearInterval(timer);
  process.exit();
});
