// An echo server with npm's ws: ws_server.js CERT KEY. Prints the ports for ws:// and wss://.
'use strict';
const fs = require('fs');
const http = require('http');
const https = require('https');
const { WebSocketServer } = require('ws');

const [cert, key] = process.argv.slice(2).map((file) => fs.readFileSync(file));

function serve(server, scheme) {
  const sockets = new WebSocketServer({
    server,
    maxPayload: 64 << 20,
    perMessageDeflate: { threshold: 0 },
    handleProtocols: (protocols) => (protocols.has('echo.v2') ? 'echo.v2' : false),
    verifyClient: ({ req }, done) => done(req.headers['x-test'] === 'from the client', 401, 'Who are you?'),
  });
  sockets.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    socket.on('error', () => {});
  });
  server.listen(0, '127.0.0.1', () => console.log(`${scheme} ${server.address().port}`));
}

serve(http.createServer(), 'ws');
serve(https.createServer({ cert, key }), 'wss');
