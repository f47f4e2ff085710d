// Calls a node's PeerService over @grpc/grpc-js and mutual TLS. Takes one order a line as JSON: a call, answered with one line
// of JSON as soon as it ends, or {"cancel": id of a call}. Arguments: a folder with own.pem, own.key, other.pem and
// federation.proto; the node's port; "anonymous" for no certificate; "receive=" with the most bytes of a message that is taken.
// Twin: peer_client.py.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const path = require('path');
const readline = require('readline');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const [folder, port] = process.argv.slice(2);
const read = (name) => fs.readFileSync(path.join(folder, name));
const definition = loader.loadSync(path.join(folder, 'federation.proto'), { keepCase: true, longs: String, bytes: String, enums: String, defaults: false });
const service = grpc.loadPackageDefinition(definition).athens.federation.v1.PeerService.service;
const own = process.argv.includes('anonymous') ? [] : [read('own.key'), read('own.pem')];
// The library would check a name; the certificates of nodes prove a key.
const credentials = grpc.credentials.createSsl(read('other.pem'), ...(own.length ? own : [null, null]), { checkServerIdentity: () => undefined });
const receive = Number(process.argv.find((argument) => argument.startsWith('receive='))?.slice(8) ?? -1);
const options = { 'grpc.max_receive_message_length': receive, 'grpc.max_send_message_length': -1 };
const calls = {};
const clients = {};
const client = (gzip) => clients[gzip] ??= new grpc.Client(
  `127.0.0.1:${port}`, credentials, gzip ? { ...options, 'grpc.default_compression_algorithm': 2 } : options);
const tell = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);

function varint(value) {
  const out = [];
  for (; value > 127; value >>>= 7) out.push((value & 127) | 128);
  return Buffer.from([...out, value]);
}

function run(order) {
  const started = process.hrtime.bigint();
  const answer = { id: order.id, frames: 0, bytes: 0, largest: 0 };
  const hash = crypto.createHash('sha256');
  const method = service[order.method] ?? { requestSerialize: () => Buffer.alloc(0), responseDeserialize: (data) => data };
  let request = method.requestSerialize(order.request ?? {});
  if ('padding' in order) {
    // A field that no version knows, to make the request as long as the test wants it.
    request = Buffer.concat([request, Buffer.from('fa06', 'hex'), varint(order.padding), Buffer.alloc(order.padding)]);
  }
  const metadata = new grpc.Metadata();
  for (const [key, value] of order.metadata ?? []) metadata.add(key, value);
  const callOptions = 'deadline' in order ? { deadline: Date.now() + order.deadline } : {};
  const name = `/athens.federation.v1.PeerService/${order.method}`;
  const on = client(order.gzip ?? false);
  let call;
  if (order.method === 'Fetch') {
    call = on.makeServerStreamRequest(name, (data) => data, method.responseDeserialize, request, metadata, callOptions);
    call.on('data', (frame) => {
      const data = Buffer.from(frame.data ?? '', 'base64');
      answer.frames++;
      answer.bytes += data.length;
      answer.largest = Math.max(answer.largest, data.length);
      answer.size ??= frame.size;
      hash.update(data);
      if (answer.frames % order.tellEvery === 0) tell({ id: order.id, told: answer.frames });
      if (answer.frames === order.cancelAfter) call.cancel();
    });
    call.on('error', () => {});
  } else {
    call = on.makeUnaryRequest(name, (data) => data, method.responseDeserialize, request, metadata, callOptions, (failure, response) => {
      if (!failure) answer.response = response;
    });
  }
  calls[order.id] = call;
  call.on('status', (status) => setImmediate(() => {
    if (status.code === 0 && order.method === 'Fetch') answer.sha256 = hash.digest('hex');
    const trailers = Object.keys(status.metadata.getMap()).flatMap((key) => status.metadata.get(key).map((value) => [key, String(value)]));
    tell({ ...answer, code: status.code, words: status.details, trailers, seconds: Number(process.hrtime.bigint() - started) / 1e9 });
  }));
}

function take(order) {
  if ('cancel' in order) calls[order.cancel].cancel(); else run(order);
}

readline.createInterface({ input: process.stdin }).on('line', (line) => take(JSON.parse(line))).on('close', () => process.exit(0));
