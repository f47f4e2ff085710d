// A peer over @grpc/grpc-js: serves athens.federation.v1.PeerService over mutual TLS, as its tests want it. Argument: a
// folder with identity, own.pem, own.key, other.pem, federation.proto and content. Prints its port, then a line for each
// call that its caller cancels. Any line of input has it finish what is under way and take no more; it ends with its
// input. Twin: peer_server.py.
'use strict';
const fs = require('fs');
const path = require('path');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const FRAME = 256 << 10;
const folder = process.argv[2];
const read = (name) => fs.readFileSync(path.join(folder, name));
const definition = loader.loadSync(path.join(folder, 'federation.proto'), { keepCase: true, longs: String, defaults: true });
const service = { ...grpc.loadPackageDefinition(definition).athens.federation.v1.PeerService.service };
const most = '18446744073709551615';

const handlers = {
  WhoAreYou(call, done) {
    done(null, {
      software: `grpc-js for ${call.request.software}`, name: `${call.request.name} ☃`, identity_key: read('identity'),
      log_key: read('identity'), witness_key: Buffer.alloc(32, 0xff), log_name: 'log.example',
      heads: [{ note: Buffer.from('a note\n') }], held: most,
    });
  },
  Locate(call, done) {
    const answer = () => done(null, {
      locations: call.request.modules.map(({ path: name }) => {
        if (name.endsWith('/held')) {
          return {
            state: 2, record: Buffer.from('a record'), zip_sha256: Buffer.alloc(32, 1), zip_size: String(500 << 20),
            chunks: Buffer.alloc(32 * 500, 2), info_size: 4294967295, mod_size: 1,
          };
        }
        if (name.endsWith('/fetching')) return { state: 4, rank: most };
        return { state: name.endsWith('/future') ? 77 : 1 };
      }),
    });
    if (!call.request.wait_ms) { answer(); return; }
    let waiting = true;
    const timer = setTimeout(() => { waiting = false; answer(); }, call.request.wait_ms);
    call.on('cancelled', () => { clearTimeout(timer); if (waiting) console.log('cancelled'); });
  },
  Versions(call, done) {
    const many = call.request.path.endsWith('/many');
    const versions = Array.from({ length: many ? 100000 : 3 }, (_, i) => `v1.${i}.0-${'pre'.repeat(many ? 20 : 1)}`);
    done(null, { versions });
  },
  Resolve(call, done) {
    if (call.request.query === 'latest') {
      done(null, { version: 'v1.2.3', record: Buffer.from('a record'), info: Buffer.from('{}') });
      return;
    }
    const metadata = new grpc.Metadata();
    metadata.add('grpc-retry-pushback-ms', '1500');
    done({ code: grpc.status.RESOURCE_EXHAUSTED, details: `genug für heute: ${call.request.query}`, metadata });
  },
  async Fetch(call) {
    const { module, offset, length } = call.request;
    if (module.path.endsWith('/fat')) { call.write({ data: Buffer.alloc(5 << 20) }); call.end(); return; }
    let over = false;
    // The library says 'cancelled' at every end, good ones too.
    call.on('cancelled', () => { if (!over) console.log('cancelled'); over = true; });
    const file = await fs.promises.open(path.join(folder, 'content'));
    const size = (await file.stat()).size;
    let at = Number(offset);
    let left = Number(length) || size - at;
    for (let first = true; left > 0 && !over; first = false) {
      const data = Buffer.alloc(Math.min(FRAME, left));
      await file.read(data, 0, data.length, at);
      at += data.length;
      left -= data.length;
      if (module.path.endsWith('/endless') && left === 0) { at = 0; left = size; }
      const ready = call.write({ data, size: first ? String(size) : '0' });
      if (module.path.endsWith('/dies') && at > (1 << 20)) { setImmediate(() => process.exit(1)); return; }
      if (!ready) await new Promise((go) => { call.once('drain', go); call.once('cancelled', go); });
    }
    await file.close();
    over = true;
    call.end();
  },
};

if (process.argv.includes('old')) { delete handlers.Resolve; delete service.Resolve; }
for (const name of Object.keys(service)) {
  const serialize = service[name].responseSerialize;
  // A field that this version does not know (111, bytes): additive evolution.
  service[name] = { ...service[name], responseSerialize: (answer) => Buffer.concat([serialize(answer), Buffer.from('fa06026869', 'hex')]) };
}
const server = new grpc.Server({ 'grpc.max_send_message_length': -1 });
server.addService(service, handlers);
const pair = { private_key: read('own.key'), cert_chain: read('own.pem') };
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createSsl(read('other.pem'), [pair], true), (failure, port) => {
  if (failure) throw failure;
  console.log(port);
});
process.stdin.on('data', () => server.tryShutdown(() => console.log('stopped'))).on('end', () => process.exit(0));
