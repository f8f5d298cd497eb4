// The server for the boards, by npm's ws, over TCP or TLS: server.js [CERT KEY [TLS_VERSION]]. Prints its port. The path says
// what it does with a connection:
//   /echo             echoes                     /closed     closes with 4001
//   /fragments        a text in three frames     /silent     takes nothing more and answers nothing
//   /pings            pings at the first bytes, and echoes if the pong comes before the message is complete
//   /dead             says so at the first ping
'use strict';
const fs = require('fs');
const http = require('http');
const https = require('https');
const { WebSocketServer } = require('ws');

const [cert, key, version] = process.argv.slice(2);

const behaviours = {
  '/echo': (socket) => socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary })),
  '/fragments': (socket) => {
    socket.send('three ', { fin: false });
    socket.send('fragments, gr', { fin: false });
    socket.send('ößer', { fin: true });
  },
  // The board holds back the half of its message until it has seen the ping: the pong is then in between.
  '/pings': (socket) => {
    let answered = false;
    socket._socket.once('data', () => socket.ping('ping'));
    socket.on('pong', () => { answered = true; });
    socket.on('message', (data, isBinary) => answered ? socket.send(data, { binary: isBinary }) : socket.close(4000, 'no pong'));
  },
  '/closed': (socket) => socket.close(4001, 'enough'),
  '/silent': (socket) => socket._socket.pause(),
  '/dead': (socket) => socket.on('ping', () => console.log('dead')),  // whoever reads this cuts the link
};

const server = cert
  ? https.createServer({ cert: fs.readFileSync(cert), key: fs.readFileSync(key), minVersion: version, maxVersion: version })
  : http.createServer();
const sockets = new WebSocketServer({ server, maxPayload: 1 << 20, perMessageDeflate: { threshold: 0, serverMaxWindowBits: 9 } });
sockets.on('connection', (socket, request) => {
  socket.on('error', () => {});
  (behaviours[request.url] || behaviours['/echo'])(socket);
});
server.on('tlsClientError', () => {});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
