// What stands behind a Service in the lab: answers every HTTP request, and every UDP datagram, with who answers and whom it sees.
// node echo-backend.mjs <name> <port> [address]
import { createSocket } from 'node:dgram';
import { createServer } from 'node:http';

const [name = '', portText = '', address = '::'] = process.argv.slice(2);
const port = Number(portText);

/** @param {string | undefined} client an IPv4 client of a dual-stack socket is seen as ::ffff:198.18.0.1 */
function answerTo(client = '') {
  return { backend: name, client: client.replace(/^::ffff:/, '') };
}

const http = createServer((request, response) => {
  response.setHeader('content-type', 'application/json');
  const { host, 'x-forwarded-for': forwardedFor } = request.headers;
  response.end(JSON.stringify({ ...answerTo(request.socket.remoteAddress), host, path: request.url, forwardedFor }));
});
const udp = createSocket({ type: address.includes(':') ? 'udp6' : 'udp4' });
udp.on('message', (_, { port: clientPort, address: client }) => {
  udp.send(JSON.stringify(answerTo(client)), clientPort, client);
});
await new Promise(resolve => http.listen(port, address, () => resolve(undefined)));
await new Promise(resolve => udp.bind(port, address, () => resolve(undefined)));
process.stdout.write('listening\n');
