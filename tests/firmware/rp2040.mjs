// Runs an image on an emulated RP2040 (npm's rp2040js), its UART connected to a TCP port: rp2040.mjs NODE_MODULES IMAGE PORT
// ARGUMENT... Serves the semihosting calls that board/arm_semihosting.cpp makes; the exit status is the image's own, or 101 when
// the chip finds fault with it.
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';

const [modules, image, port, ...args] = process.argv.slice(2);
const { RP2040 } = createRequire(path.resolve(modules) + '/')('rp2040js');

const flashStart = 0x10000000;
const ramStart = 0x20000000;
const maxCycles = 20e9;
const cycleNs = 8;  // 125 MHz

const chip = new RP2040();
let status = null;
function fault(component, message) {
  if (status !== null) return;
  console.log(`FAULT ${component}: ${message}, pc=${chip.core.PC.toString(16)}`);
  status = 101;
}
chip.logger = { debug() {}, info() {}, warn: fault, error: fault };

// The image's segments, into flash; there is no boot ROM: the vectors stand at its start.
const elf = fs.readFileSync(image);
const headers = elf.readUInt32LE(28);
for (let i = 0; i < elf.readUInt16LE(44); i++) {
  const at = headers + 32 * i;
  const [type, offset, , address, size] = [0, 4, 8, 12, 16].map((field) => elf.readUInt32LE(at + field));
  if (type === 1 && size > 0) chip.flash.set(elf.subarray(offset, offset + size), address - flashStart);
}
chip.core.VTOR = flashStart;
chip.core.SP = chip.flashView.getUint32(0, true);
chip.core.PC = chip.flashView.getUint32(4, true) & ~1;

const semihosting = {
  0x01: () => 3,  // open: only /dev/urandom is
  0x04: (text) => {
    let line = '';
    for (let c; (c = chip.readUint8(text)); text++) line += String.fromCharCode(c);
    process.stdout.write(line);
    return 0;
  },
  0x06: (block) => {
    const [into, size] = [chip.readUint32(block + 4), chip.readUint32(block + 8)];
    randomBytes(size).forEach((byte, i) => chip.writeUint8(into + i, byte));
    return 0;
  },
  0x15: (block) => {
    const line = Buffer.from(args.join(' '));
    line.forEach((byte, i) => chip.writeUint8(chip.readUint32(block) + i, byte));
    chip.writeUint32(block + 4, line.length);
    return 0;
  },
  0x20: (block) => {
    status = chip.readUint32(block + 4);
    return 0;
  },
  0x30: (block) => {
    chip.writeUint32(block, chip.core.cycles >>> 0);
    chip.writeUint32(block + 4, Math.floor(chip.core.cycles / 2 ** 32));
    return 0;
  },
};
chip.onBreak = (code) => {
  const [operation, parameter] = chip.core.registers;
  const call = code === 0xab && semihosting[operation];
  if (!call) return fault('semihosting', `BKPT ${code}, operation ${operation}`);
  chip.core.registers[0] = call(parameter);
};

const toChip = [];
let fromChip = [];
chip.uart[0].onByte = (byte) => fromChip.push(byte);

function run(socket) {
  for (let i = 0; i < 200000 && status === null; i++) {
    chip.clock.tick(chip.core.executeInstruction() * cycleNs);
    if (i % 16 === 0 && toChip.length > 0 && !chip.uart[0].rxFIFO.full) chip.uart[0].feedByte(toChip.shift());
  }
  if (socket && fromChip.length > 0) socket.write(Buffer.from(fromChip));
  fromChip = [];
  if (chip.core.cycles > maxCycles) fault('core', 'runs on and on');
  if (status === null) setImmediate(run, socket);
  else process.exit(status);
}

if (port === '0') {
  run(null);
} else {
  const socket = net.connect(Number(port), '127.0.0.1', () => run(socket));
  socket.setNoDelay(true);
  socket.on('data', (data) => toChip.push(...data));
  socket.on('error', (error) => fault('line', error.message));
}
