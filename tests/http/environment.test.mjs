// environment.test.mjs: a bad environment: settings that are wrong, a disk that is full, a database file with flipped
// bits, a database server that is stopped, no more open files, a clock that jumps. Nothing acknowledged is lost, an
// answer comes within its time, and all is well again by itself. SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Client, closeConnections, exchange, ok } from '../lib/client.mjs';
import { loadModel } from '../lib/model.mjs';
import { Database, Server, command, engine, must, releaseBinary, root, template } from '../lib/server.mjs';
import { draft, email, password } from '../lib/world.mjs';

let from, world, dir;
const options = { binary: releaseBinary };
before(async () => {
    ({ db: from, world } = await template('bank'));
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'gardefou-env-'));
});
after(() => { closeConnections(); fs.rmSync(dir, { recursive: true, force: true }); });
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
async function until(what, seconds, check) {
    for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(100)) if (await check()) return;
    assert.fail(`${what} within ${seconds} s`);
}
const timed = async (work) => { const began = performance.now(), reply = await work(); return [reply, (performance.now() - began) / 1000]; };
const post = (server, token, body) => exchange(server.url, 'POST', '/api/v1/incidents', { headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': randomUUID() }, body: JSON.stringify(body) });

test('a setting that is wrong is named, and the program does not start', { skip: engine !== 'sqlite' }, async () => {
    const own = new Database('sqlite', path.join(dir, 'settings.db'));
    fs.copyFileSync(from.file, own.file);
    const refuses = async (args, env, name) => {
        const done = await command(null, ['serve', '--listen', '127.0.0.1:0', ...args], { binary: releaseBinary, env: { GARDEFOU_DATABASE: own.url, ...env } });
        assert.notEqual(done.code, 0, name);
        assert.ok(done.err.includes(name), `${name}: ${done.err}`);
    };
    const bad = { workers: 'many', max_connections: '1', per_address: '0', max_body_kib: '-1', rate: '1e3', burst: '0', anonymous_rate: '0', job_threads: '99', log: 'verbose', metrics: 'all', clamd_absent: 'perhaps',
        ldap_nested: 'deep', ldap_server: 'http://x', mail_server: 'ftp://x', mail_ca: '/nowhere', webhook_ca: '/nowhere', ldap_ca: '/nowhere', public_url: 'nowhere', trusted_proxy: 'localhost', zone: 'Mars/Base', listen: 'nowhere' };
    for (const [name, value] of Object.entries(bad)) await refuses([`--${name}`, value], {}, name);
    await refuses([], { GARDEFOU_WORKERS: 'many' }, 'workers');
    for (const [text, words] of [['nonsense = 1', 'nonsense'], ['workers', 'KEY = value'], ['workers = many', 'workers']]) {
        fs.writeFileSync(path.join(dir, 'bad.conf'), `# first\n${text}\n`);
        await refuses([], { GARDEFOU_CONFIG: path.join(dir, 'bad.conf') }, words);
    }
    await refuses([], { GARDEFOU_CONFIG: path.join(dir, 'absent.conf') }, 'absent.conf');
});

// A file system of its own that nobody else sees; its shell frees room when told.
const canMount = () => [['-m'], ['-Urm']].find((how) => spawnSync('unshare', [...how, 'mount', '-t', 'tmpfs', 'tmpfs', os.tmpdir()]).status === 0) ?? null;

test('a full disk: writing is refused, reading goes on, nothing acknowledged is lost, and room is used at once', { skip: engine !== 'sqlite' || !canMount() }, async () => {
    const mount = path.join(dir, 'small'), size = Math.ceil(fs.statSync(from.file).size / 1024) + 6000;
    fs.mkdirSync(mount);
    const script = `mount -t tmpfs -o size=${size}k tmpfs '${mount}' && cp '${from.file}' '${mount}/t.db' && head -c 2000000 /dev/zero > '${mount}/ballast' || exit 9
        trap '' TERM; '${releaseBinary}' serve --listen 127.0.0.1:0 & P=$!
        read line; rm '${mount}/ballast'; echo freed; read line; kill $P; wait $P
        '${releaseBinary}' audit verify --json; cat '${mount}/t.db' > '${dir}/kept.db'`;
    const env = { ...process.env, GARDEFOU_DATABASE: `sqlite:${mount}/t.db`, GARDEFOU_KEY: 'a key of the tests, the same for all of them', GARDEFOU_LOG: 'error', GARDEFOU_ADDRESS_RATE: '2000:100000', GARDEFOU_RATE: '10000', GARDEFOU_BURST: '10000' };
    const child = spawn('unshare', [...canMount(), 'bash', '-c', script], { env });
    let out = '', err = '';
    child.stdout.on('data', (d) => { out += d; });
    child.stderr.on('data', (d) => { err += d; });
    const ended = new Promise((resolve) => child.on('close', resolve));
    try {
        await until('it listens', 40, () => /listening on/.test(out));
        const server = { url: /listening on (http:\S+)/.exec(out)[1] }, token = world.tokens.plain, acked = [];
        const write = async (title) => { const reply = await post(server, token, draft({ title, description: 'x'.repeat(19000) })); if (reply.status === 201) acked.push(reply.json.number); return reply; };
        let full;
        for (let i = 0; i < 900 && !full; i++) { const reply = await write(`Plein ${i}`); if (reply.status !== 201) full = reply; }
        assert.equal(full?.status, 503, `${acked.length} written: ${full?.text}`);
        assert.ok(full.headers['retry-after']);
        assert.equal((await exchange(server.url, 'GET', '/healthz')).json.status, 'degraded');
        const reader = new Client(server, { token, check: false });
        assert.equal((await reader.all('incidents', '', 500)).length, acked.length, 'what was acknowledged is there, and no more');
        assert.equal((await reader.get('/login')).status, 200);
        child.stdin.write('free\n');
        await until('writing goes on', 40, async () => (await write('Encore')).status === 201);
        assert.equal((await exchange(server.url, 'GET', '/healthz')).json.status, 'ok');
        assert.equal((await reader.all('incidents', '', 500)).length, acked.length);
        assert.ok(err.split('\n').filter((l) => /database_degraded/.test(l)).length < 12, 'the log does not repeat itself for ever');
    } finally {
        closeConnections();
        child.stdin.end('stop\n\n');
        await ended;
    }
    assert.match(out, /"ok":true/, `the proof: ${out} ${err}`);
});

// The same bytes each time.
function* noise(seed) { for (let n = 0; ; n++) yield createHash('sha256').update(`${seed} ${n}`).digest().readUInt32BE(0); }

test('a flipped bit in what is stored is reported, wherever it is', { skip: engine !== 'sqlite' }, async () => {
    const file = path.join(dir, 'flip.db'), db = new Database('sqlite', path.join(dir, 'whole.db'));
    fs.copyFileSync(from.file, db.file);
    const server = await new Server(db, options).start();
    const c = new Client(server, { token: world.tokens.plain, check: false });
    for (let i = 0; i < 12; i++) ok(await c.create('incidents', draft({ title: `Virement ${i}` })), 201);
    await server.stop();
    db.sql('PRAGMA wal_checkpoint(TRUNCATE)');
    const whole = fs.readFileSync(db.file), model = await loadModel(db);
    // What must not change in silence. Passwords and the like stand outside of the chain.
    const tables = model.types.filter((t) => !['user', 'webhook'].includes(t.name)).flatMap((t) => [t.name, `${t.name}_past`]).concat('entry', 'checkpoint', 'checkpoint_entry', 'unsealed');
    const known = new Set(db.sql("SELECT name FROM sqlite_schema WHERE type = 'table'").split('\n'));
    const dump = (at) => { // null: SQLite itself cannot read it
        const done = spawnSync('sqlite3', [at, ...tables.filter((t) => known.has(t)).map((t) => `SELECT * FROM "${t}" ORDER BY 1;`)], { encoding: 'buffer', maxBuffer: 1 << 28 });
        return done.status === 0 && !done.error ? createHash('sha256').update(done.stdout).digest('hex') : null;
    };
    if (spawnSync('sqlite3', ['-version']).error) return;
    const right = dump(db.file);
    assert.equal((await command({ url: `sqlite:${db.file}` }, ['audit', 'verify'], { binary: releaseBinary })).code, 0);
    const random = noise('bits'), places = [];
    for (const word of ['Virement', '"discovered_on"', 'Unité T', 'INC-', 'declarant', '{"state"']) for (let at = whole.indexOf(word), n = 0; at >= 0 && n < 40; at = whole.indexOf(word, at + 200), n++) places.push(at);
    // The type in the row of an entry, which stands in an index, too.
    let typed = whole.indexOf('calendarMA');
    while (typed >= 0 && !whole.subarray(typed, typed + 40).includes('create')) typed = whole.indexOf('calendarMA', typed + 1);
    assert.ok(typed > 0, 'the entry of a calendar is in the file');
    let changed = 0, silent = [];
    for (let i = 0; i < 36; i++) {
        const near = places[random.next().value % places.length] - 40 + random.next().value % 160;
        const at = i === 0 ? typed + 4 : i % 4 === 3 ? 100 + random.next().value % (whole.length - 100) : near, bit = random.next().value % 8;
        const bytes = Buffer.from(whole);
        bytes[at] ^= 1 << bit;
        fs.writeFileSync(file, bytes);
        if (dump(file) === right) continue; // in free space, or in an index
        changed++;
        const done = await command({ url: `sqlite:${file}` }, ['audit', 'verify', '--json'], { binary: releaseBinary });
        if (done.code === 0) silent.push(`bit ${bit} of byte ${at}: ${JSON.stringify(bytes.subarray(at - 20, at + 20).toString('latin1'))}`);
    }
    assert.ok(changed > 12, `only ${changed} of 36 flips changed what is stored`);
    assert.deepEqual(silent, []);
});

test('a database server that is stopped: an answer within five seconds, and all is well when it goes on', { skip: engine !== 'postgresql' }, async () => {
    const own = path.join(dir, 'pg'), pg = (action) => spawnSync(path.join(root, 'tools/pg.sh'), [action, own], { encoding: 'utf8' });
    fs.chmodSync(dir, 0o755); // it runs as somebody else
    const db = { url: pg('start').stdout.trim() };
    assert.match(db.url, /^postgresql:/);
    let server, stopped = [];
    const signal = (name) => stopped.forEach((pid) => { try { process.kill(pid, name); } catch { /* ended meanwhile */ } });
    try {
        await must(db, ['init', '--admin', 'root@test.example', '--password-stdin'], { input: 'a sentence that is long enough', binary: releaseBinary });
        const token = (await must(db, ['token', 'create', '--user', 'root@test.example'], { binary: releaseBinary })).trim();
        server = await new Server(db, options).start();
        const ask = (target) => timed(() => exchange(server.url, 'GET', target, { headers: { authorization: `Bearer ${token}` } }));
        const write = () => timed(() => exchange(server.url, 'POST', '/api/v1/entities', { headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': randomUUID() }, body: '{}' }));
        assert.equal((await ask('/units'))[0].status, 200);
        const main = Number(fs.readFileSync(path.join(own, 'data/postmaster.pid'), 'utf8').split('\n')[0]);
        stopped = [main, ...spawnSync('pgrep', ['-P', String(main)], { encoding: 'utf8' }).stdout.trim().split('\n').map(Number)];
        signal('SIGSTOP');
        for (let round = 0; round < 2; round++) {
            const all = await Promise.all([...Array.from({ length: 9 }, (_, i) => i % 3 ? ask('/units') : write()), ask('/healthz')]);
            assert.deepEqual(all.map(([reply]) => reply.status), all.map(() => 503), `round ${round}`);
            assert.ok(all.every(([, seconds]) => seconds < 12), `round ${round}: ${all.map(([, seconds]) => seconds.toFixed(1)).join(' ')}`); // 5 on a calm machine
        }
        const [style, took] = await ask('/assets/style.css');
        assert.ok([200, 503].includes(style.status) && took < 12);
        signal('SIGCONT');
        await until('pages come back', 30, async () => (await ask('/units'))[0].status === 200);
        await until('writing comes back', 30, async () => (await write())[0].status === 422);
        // A commit that waits for a standby which confirms nothing: given up as uncertain, reading goes on meanwhile.
        const psql = (sql) => spawnSync('psql', ['-qAtX', '-d', db.url, '-c', sql], { encoding: 'utf8' }).stdout.trim();
        const save = (key) => timed(() => exchange(server.url, 'POST', '/api/v1/entities', { headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': key }, body: JSON.stringify({ code: key, name_fr: `Entité ${key}`, currency: 'MAD', country: 'MA' }) }));
        assert.equal((await save('E1'))[0].status, 201);
        psql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
        psql('SELECT pg_reload_conf()');
        await until('the setting is known', 30, () => psql('SHOW synchronous_standby_names') === 'nobody');
        await sleep(300); // to the connections that are open it comes a moment later
        const [lost, took2] = await save('E2');
        assert.equal(lost.status, 503, lost.text);
        assert.ok(lost.headers['retry-after'] && took2 < 25, `${took2}`); // 4 on a calm machine
        assert.match(lost.json.title, /not certain|pas certain/);
        assert.equal((await exchange(server.url, 'GET', '/healthz')).json.status, 'degraded');
        const [refused, quick] = await write();
        assert.ok(refused.status === 503 && quick < 12, `${quick}`);
        assert.equal((await ask('/units'))[0].status, 200);
        psql('ALTER SYSTEM RESET synchronous_standby_names');
        psql('SELECT pg_reload_conf()');
        await until('saving comes back, once', 30, async () => (await save('E2'))[0].status === 201);
        assert.equal(psql("SELECT count(*) FROM entity WHERE code = 'E2'"), '1');
        // Connections that are ended from outside are made anew without a word.
        for (let i = 0; i < 2; i++) {
            psql("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = 'gardefou'");
            assert.equal((i ? await save('E3') : await ask('/units'))[0].status, i ? 201 : 200);
        }
        assert.equal((await must(db, ['audit', 'verify', '--json'], { binary: releaseBinary })).ok, true);
    } finally {
        signal('SIGCONT');
        closeConnections();
        await server?.stop();
        pg('stop');
    }
});

test('no more open files: those that are connected are served, others wait, and it goes on afterwards', { skip: engine !== 'sqlite' }, async () => {
    const db = new Database('sqlite').create(from);
    const limited = path.join(dir, 'limited.sh');
    fs.writeFileSync(limited, `#!/bin/bash\nulimit -Hn 90; ulimit -Sn 90; exec '${releaseBinary}' "$@"\n`, { mode: 0o755 });
    const server = await new Server(db, { binary: limited, env: { GARDEFOU_WORKERS: '4' } }).start();
    const open = [];
    try {
        const { connect } = await import('node:net');
        for (let i = 0; i < 150; i++) { const s = connect(server.port, '127.0.0.1'); s.on('error', () => {}); open.push(s); }
        await sleep(300);
        for (const s of open) s.destroy();
        const c = new Client(server, { token: world.tokens.plain, check: false });
        await until('it answers again', 30, async () => { try { return (await c.get('/incidents')).status === 200; } catch { return false; } });
        ok(await c.create('incidents', draft({ title: 'Après' })), 201);
    } finally {
        closeConnections();
        await server.stop();
        db.drop();
    }
});

const faketime = ['/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1', '/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1'].find((f) => fs.existsSync(f));
test('a clock that jumps: a session ends by it, the program goes on, the history stays in order', { skip: engine !== 'sqlite' || !faketime }, async () => {
    const db = new Database('sqlite').create(from), clock = path.join(dir, 'clock');
    fs.writeFileSync(clock, '+0\n');
    const server = await new Server(db, { binary: releaseBinary, env: { LD_PRELOAD: faketime, FAKETIME_TIMESTAMP_FILE: clock, FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1', DONT_FAKE_MONOTONIC: '1' } }).start();
    try {
        const c = new Client(server, { token: world.tokens.plain, check: false });
        const browser = new Client(server, { lang: 'en', check: false });
        assert.equal((await browser.login(email('plain'), password)).status, 303);
        assert.equal((await browser.get('/')).status, 200);
        fs.writeFileSync(clock, '+90000\n');
        assert.equal((await browser.get('/')).status, 303, 'the session is over after a day');
        for (const jump of ['+0', '+3600', '-3600', '-86400', '+90d', '+0']) {
            fs.writeFileSync(clock, `${jump}\n`);
            const reply = await c.create('incidents', draft({ title: `À ${jump}`, discovered_on: '2026-01-15', occurred_on: '2026-01-15' }));
            assert.ok([201, 401, 422].includes(reply.status), `${jump}: ${reply.status} ${reply.text}`);
            assert.equal((await c.get('/healthz')).status, 200);
        }
    } finally { closeConnections(); await server.stop(); }
    try { assert.equal((await must(db, ['audit', 'verify', '--json'], { binary: releaseBinary })).ok, true); } finally { db.drop(); }
});
