// Calls the test service over @grpc/grpc-js. Takes one call a line as JSON, answers each with one line of JSON.
// Arguments: path of the .proto, port. Twin: interop_client.py.
'use strict';
const crypto = require('crypto');
const readline = require('readline');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const [proto, port] = process.argv.slice(2);
const service = grpc.loadPackageDefinition(loader.loadSync(proto, { keepCase: true, defaults: true })).athens.tests.Interop;
const unlimited = { 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 };
const clients = {};

function client(encoding) {
  const options = encoding === 'gzip' ? { ...unlimited, 'grpc.default_compression_algorithm': 2 } : unlimited;
  return clients[encoding] ??= new service(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), options);
}

function list(metadata) {
  const all = [];
  for (const key of Object.keys(metadata?.getMap() ?? {})) {
    for (const value of metadata.get(key)) all.push([key, Buffer.isBuffer(value) ? value.toString('base64') : value]);
  }
  return all;
}

function run(order) {
  return new Promise((resolve) => {
    const metadata = new grpc.Metadata();
    for (const [key, value] of order.metadata ?? []) metadata.add(key, key.endsWith('-bin') ? Buffer.from(value, 'base64') : value);
    const request = { ...order.request };
    for (const key of ['data', 'details']) if (key in request) request[key] = Buffer.from(request[key], 'base64');
    const options = order.deadline ? { deadline: Date.now() + order.deadline } : {};
    const hash = crypto.createHash('sha256');
    const answer = { code: -1, words: '', headers: [], trailers: [], messages: 0, bytes: 0, text: '' };
    const take = (message) => {
      answer.messages++;
      answer.bytes += message.data.length;
      answer.text = message.text;
      hash.update(message.data);
    };
    const end = (status) => {
      if (answer.code >= 0) return;
      Object.assign(answer, { code: status.code, words: status.details, trailers: list(status.metadata), hash: hash.digest('hex') });
      resolve(answer);
    };
    const on = client(order.encoding ?? 'identity');
    let call;
    if (order.stream) {
      call = on[order.method](request, metadata, options);
      call.on('data', (message) => { take(message); if (answer.messages === order.cancelAfter) call.cancel(); });
      call.on('error', () => {});
    } else {
      call = on[order.method](request, metadata, options, (error, message) => { if (message) take(message); });
    }
    call.on('metadata', (headers) => { answer.headers = list(headers); });
    call.on('status', end);
  });
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(JSON.stringify(await run(JSON.parse(line))) + '\n');
  }
  process.exit(0);
}

main();
