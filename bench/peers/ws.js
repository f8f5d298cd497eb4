// npm's ws, as Debian packages it.
"use strict";
const fs = require("fs");
const WebSocket = require("ws");

const [url, kind, countText, sizeText, ca] = process.argv.slice(2);
const [count, size] = [Number(countText), Number(sizeText)];
const text = kind.endsWith("-text");
const floods = kind.startsWith("receive");
const echoes = kind === "echo";
const connects = kind === "connect";
if (kind === "batch") process.exit(3);
const path = floods ? `/flood/${count}/${size}/${text ? "text" : "binary"}` : echoes || connects ? `/echo/${size}` : "/sink";
const message = text ? "m".repeat(size) : Buffer.alloc(size, "m");
const options = {perMessageDeflate: false, maxPayload: 64 << 20, ca: ca && fs.readFileSync(ca)};
let began, cpu, messages = 0, received = 0;

function start() {
  cpu = process.cpuUsage();
  began = process.hrtime.bigint();
}

function report() {
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  const used = process.cpuUsage(cpu);
  if (received !== (floods || echoes ? count * size : 0)) {
    console.error(`ws: ${received} bytes came`);
    process.exit(1);
  }
  const version = require("ws/package.json").version;
  fs.writeSync(1, JSON.stringify({peer: "ws", version, seconds, cpu: (used.user + used.system) / 1e6}) + "\n");
  process.exit(0);
}

// As long as the socket takes them, and then when it does again.
function send(ws) {
  while (messages < count) {
    ++messages;
    if (messages === count) ws.send(message, report);
    else ws.send(message);
    if (ws.bufferedAmount > 256 << 10) {
      ws._socket.once("drain", () => send(ws));
      return;
    }
  }
}

function connect() {
  const ws = new WebSocket(url + path, options);
  ws.on("error", (error) => { console.error(error.message); process.exit(1); });
  ws.on("open", () => {
    ws._socket.setNoDelay(true);
    if (connects) return ws.close(1000);
    start();
    if (echoes) ws.send(message);
    else if (!floods) send(ws);
  });
  ws.on("close", () => {
    if (!connects) process.exit(1);
    if (++messages === count) report();
    connect();
  });
  ws.on("message", (data) => {
    received += data.length;
    if (++messages === count) report();
    if (echoes) ws.send(message);
  });
}

if (connects) start();
connect();
