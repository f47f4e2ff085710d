// The test service over @grpc/grpc-js. Messages are bytes; orders to the service are JSON. Prints its port, serves until
// its standard input ends. Twin: echo_server.py.
'use strict';
const grpc = require('@grpc/grpc-js');

let cancelled = 0;
const waiting = [];

function sawCancellation() {
  const next = waiting.shift();
  if (next) next(null, Buffer.from('yes')); else cancelled++;
}

function mine(metadata, prefix) {
  const out = new grpc.Metadata();
  for (const key of Object.keys(metadata.getMap())) {
    if (key.startsWith('x-')) for (const value of metadata.get(key)) out.add(prefix + key, value);
  }
  return out;
}

function error(order) {
  const metadata = new grpc.Metadata();
  if (order.details) metadata.add('grpc-status-details-bin', Buffer.from(order.details, 'base64'));
  return { code: order.code, details: order.message, metadata };
}

const handlers = {
  // The request back, with the call's x- metadata as headers and again as trailers.
  Echo(call, done) {
    call.sendMetadata(mine(call.metadata, ''));
    done(null, call.request, mine(call.metadata, 't'));
  },
  // What the server saw: metadata as JSON, bytes in base64.
  Headers(call, done) {
    const metadata = [];
    for (const key of Object.keys(call.metadata.getMap())) {
      for (const value of call.metadata.get(key)) metadata.push([key, Buffer.isBuffer(value) ? value.toString('base64') : value]);
    }
    const deadline = call.getDeadline();
    const remaining = deadline === Infinity ? null : (deadline - Date.now()) / 1000;
    done(null, Buffer.from(JSON.stringify({ metadata, remaining })));
  },
  Fail(call, done) { done(error(JSON.parse(call.request))); },
  Large(call, done) { done(null, Buffer.alloc(JSON.parse(call.request).size)); },
  Hang(call) { call.on('cancelled', sawCancellation); },
  // Answers when the server has seen a cancellation since it was last asked.
  Cancellations(call, done) {
    if (cancelled > 0) { cancelled--; done(null, Buffer.from('yes')); } else waiting.push(done);
  },
  // count messages of size bytes, each with its number in front; then, if told, an error or the end of the process.
  async Stream(call) {
    const order = JSON.parse(call.request);
    for (let i = 0; i < order.count; i++) {
      const message = Buffer.alloc(4 + order.size);
      message.writeUInt32BE(i);
      if (!call.write(message)) await new Promise((go) => call.once('drain', go));
    }
    if (order.die) { setImmediate(() => process.exit(1)); return; }
    if ('code' in order) call.emit('error', error(order)); else call.end();
  },
  async Endless(call) {
    let over = false;
    call.on('cancelled', () => { over = true; sawCancellation(); });
    const message = Buffer.alloc(1 << 16);
    while (!over) {
      if (!call.write(message)) await new Promise((go) => { call.once('drain', go); call.once('cancelled', go); });
    }
  },
};

const raw = (data) => data;
const service = {};
for (const name of Object.keys(handlers)) {
  service[name] = {
    path: `/athens.test.Echo/${name}`, requestStream: false, responseStream: name === 'Stream' || name === 'Endless',
    requestSerialize: raw, requestDeserialize: raw, responseSerialize: raw, responseDeserialize: raw,
  };
}

const gzip = process.argv.includes('gzip') ? { 'grpc.default_compression_algorithm': 2 } : {};
const server = new grpc.Server({ 'grpc.max_receive_message_length': 1 << 20, 'grpc.max_send_message_length': -1, ...gzip });
server.addService(service, handlers);
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (failure, port) => {
  if (failure) throw failure;
  process.stdout.write(`${port}\n`);
});
process.stdin.resume().on('end', () => process.exit(0));
