// promises.test.mjs: what scripts and other systems build on, walked line by line: each command with the shape of its
// answer and its exit code, each address with its codes. What it does in depth is in contract.test.mjs and
// commands.test.mjs. SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Client, exchange, ok, refused } from '../lib/client.mjs';
import { Database, Server, command, engine, must, releaseBinary, root, start, template } from '../lib/server.mjs';
import { draft, email, everybody, incidentIn, isoDay, lists } from '../lib/world.mjs';

let s, as, dir, number;
before(async () => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'gardefou-promise-'));
    s = await start('bank', { binary: releaseBinary });
    as = everybody(s.server, s.world);
    number = await incidentIn('open', as, await lists(as.analyst));
});
after(async () => { await s?.end(); fs.rmSync(dir, { recursive: true, force: true }); });
const run = (args, options = {}) => command(s.db, args, { binary: releaseBinary, cwd: dir, ...options });
// Exactly one JSON document on stdout.
const json = async (args, code = 0, options = {}) => {
    const done = await run([...args, '--json'], options);
    assert.equal(done.code, code, `${args.join(' ')}: ${done.err}`);
    return JSON.parse(done.out);
};
const has = (body, ...names) => { for (const n of names) assert.ok(n in body, `${n} in ${JSON.stringify(body).slice(0, 300)}`); };

test('make knows its targets', () => {
    const makefile = fs.readFileSync(path.join(root, 'Makefile'), 'utf8');
    for (const target of ['all', 'demo', 'test', 'check', 'bench', 'fuzz', 'fmt', 'new-module']) assert.match(makefile, new RegExp(`^${target}:`, 'm'), target);
});

test('a new module may have any name that nothing else has, however short', () => {
    const copy = path.join(dir, 'tree');
    for (const part of ['tools', 'src']) fs.cpSync(path.join(root, part), path.join(copy, part), { recursive: true });
    const make = (name) => spawnSync('bash', [path.join(copy, 'tools/new_module.sh'), name], { encoding: 'utf8' });
    for (const name of ['x', 'vendor_risk']) {
        assert.equal(make(name).status, 0, name);
        assert.ok(fs.existsSync(path.join(copy, 'src/modules', name, `test_${name}.c`)));
    }
    for (const name of ['x', 'incident', 'user', 'entry', 'file', 'report', 'test_x', 'X', '1x', '']) assert.notEqual(make(name).status, 0, name);
});

test('init, demo, token: a database from nothing', async () => {
    const empty = new Database('sqlite', path.join(dir, 'first.db'));
    const at = (args, options = {}) => command(null, ['--database', empty.url, ...args], { binary: releaseBinary, ...options });
    assert.equal((await at(['init', '--admin', 'a@test.example', '--password-stdin'], { input: 'a sentence that is long enough\n' })).code, 0);
    const token = await at(['token', 'create', '--user', 'a@test.example', '--days', '3']);
    assert.match(token.out, /^gf_\S+\n$/, 'the token alone');
    // My work leads to the first entity, then to the first unit, then to a declaration.
    const server = await new Server(empty, { binary: releaseBinary }).start();
    try {
        const first = new Client(server, { token: token.out.trim(), name: 'first', lang: 'en' });
        const home = async () => (await first.get('/', { accept: 'text/html' })).text;
        assert.match(await home(), /Begin with your organisation[^]*href="\/entities\/new"/);
        assert.match((await first.get('/declare', { accept: 'text/html' })).text, /There is no unit yet/);
        ok(await first.create('entities', { code: 'BQ', name_fr: 'Banque', currency: 'MAD', country: 'MA' }), 201);
        assert.match(await home(), /Begin with your organisation[^]*href="\/units\/new"/);
        ok(await first.create('units', { code: 'AG1', name_fr: 'Agence 1', entity: 'BQ' }), 201);
        assert.doesNotMatch(await home(), /Begin with your organisation/);
        const made = ok(await first.create('incidents', { title: 'Le premier', description: 'x', amount_range: 'none', unit: 'AG1', do: 'submit' }), 201);
        assert.equal(made.state, 'declared');
    } finally { await server.stop(); }
    assert.equal((await at(['token', 'create', '--user', 'nobody@test.example'])).code, 1);
    assert.equal((await at(['token', 'create'])).code, 2);
    const { world } = await template('demo');
    assert.ok(world.demo.incident > 0 && Object.values(world.demo).every(Number.isInteger), 'demo --json: {"created": {TYPE: n}}');
    const byName = await command(null, ['audit', 'verify', '--json'], { binary: releaseBinary, env: { GARDEFOU_DATABASE: empty.url } });
    assert.equal(JSON.parse(byName.out).ok, true, 'GARDEFOU_DATABASE names it as well');
});

test('import and export answer as written', async () => {
    fs.writeFileSync(path.join(dir, 'rows.csv'), 'title,discovered_on,unit\nUn,2026-01-15,TN1\nDeux,,TN1\n');
    for (const dry of [['--dry-run'], []]) {
        const done = await json(['import', 'incident', 'rows.csv', ...dry]);
        assert.deepEqual([done.read, done.created, done.updated, done.unchanged], [2, 1, 0, 0]);
        has(done.rejected[0], 'row', 'column', 'reason');
    }
    for (const map of ['pcold', 'hhs', 'veris', 'fremarine']) assert.equal((await run(['import', 'map', map])).code, 0, map);
    for (const format of ['csv', 'xlsx', 'json']) {
        await must(s.db, ['export', 'incident', '--format', format, '--filter', 'state=open', '-o', `${dir}/out.${format}`], { binary: releaseBinary });
        assert.ok(fs.statSync(`${dir}/out.${format}`).size > 10, format);
    }
    assert.deepEqual(JSON.parse(fs.readFileSync(`${dir}/out.json`, 'utf8')).map((r) => r.number), [number]);
    assert.equal((await run(['export', 'nothing'])).code, 1);
});

test('audit, measures, model, doctor answer as written', async () => {
    const audit = await json(['audit', 'verify']);
    assert.equal(audit.ok, true);
    has(audit, 'entries', 'unsealed', 'head');
    const file = path.join(dir, 'audit.jsonl');
    assert.equal((await run(['audit', 'export', file])).code, 0);
    assert.equal((await json(['audit', 'verify', '--file', file])).ok, true);
    const text = fs.readFileSync(file, 'utf8');
    fs.writeFileSync(file, text.replace('"action":"create"', '"action":"creats"'));
    const bad = await json(['audit', 'verify', '--file', file], 1);
    assert.equal(bad.ok, false);
    has(bad, 'first_bad', 'why');
    const measures = await json(['measures', 'check']);
    assert.equal(measures.ok, true);
    assert.ok(Number.isInteger(measures.cells));
    const model = await json(['model']);
    has(model, 'types', 'pages', 'routes');
    has(model.types[0], 'name', 'fields', 'states', 'transitions', 'grants');
    await json(['doctor']);
});

test('backup, restore, copy, migrate', async () => {
    const copied = new Database('sqlite', path.join(dir, 'copied.db'));
    assert.equal((await command(null, ['copy', '--from', s.db.url, '--to', copied.url], { binary: releaseBinary })).code, 0);
    assert.equal((await run(['migrate'])).code, 0);
    if (engine === 'sqlite') {
        assert.equal((await run(['backup', path.join(dir, 'backup.db')])).code, 0);
        assert.equal((await command(null, ['--database', `sqlite:${dir}/restored.db`, 'restore', path.join(dir, 'backup.db')], { binary: releaseBinary })).code, 0);
        const socket = fs.statSync(`${s.db.file}.sock`);
        assert.ok(socket.isSocket() && (socket.mode & 0o777) === 0o600, 'the socket of commands is for this user alone');
    }
    // A type's table has the type's name and an integer key.
    assert.match(s.db.sql('SELECT MIN(id) FROM incident'), /^\d+$/);
});

test('records over HTTP: the fields of every record, lists, one, create, change, step, history', async () => {
    const list = ok(await as.analyst.list('incidents', 'limit=1&sort=-discovered_on'));
    has(list, 'items', 'next', 'total');
    has(list.items[0], 'number', 'title', 'state', 'version', 'created_at');
    for (const query of ['discovered_on.ge=2020-01-01', 'discovered_on.le=2099-01-01', 'state.in=open,draft', 'unit.under=TST', 'q=virement', `as_of=${isoDay(0)}`, 'title=x', 'sort=-title']) ok(await as.analyst.list('incidents', query));
    const one = await as.analyst.one('incidents', number), record = ok(one);
    assert.match(record.number, /^INC-\d{4}-\d{5,}$/);
    assert.equal(one.headers.etag, `"${record.version}"`);
    assert.match(record.gross.amount, /^\d+\.\d\d$/);
    assert.match(record.gross.currency, /^[A-Z]{3}$/);
    assert.match(record.discovered_on, /^\d{4}-\d\d-\d\d$/);
    assert.match(record.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
    const key = randomUUID(), body = draft({ title: 'Promesse' });
    const made = await as.plain.create('incidents', body, { key }), again = await as.plain.create('incidents', body, { key });
    assert.deepEqual([made.status, again.status, again.text], [201, 201, made.text]);
    refused(await as.plain.create('incidents', draft({ title: 'Autre' }), { key }), 422);
    const at = made.json.number;
    refused(await as.plain.patch('incidents', at, undefined, { title: 'x' }), 428);
    assert.equal(ok(await as.plain.patch('incidents', at, 1, { title: 'Seconde' })).version, 2);
    refused(await as.plain.patch('incidents', at, 1, { title: 'Autre' }), 409, 'title');
    const wrong = refused(await as.plain.create('incidents', draft({ discovered_on: 'soon' })), 422, 'discovered_on');
    has(wrong, 'type', 'title', 'status', 'issues');
    has(wrong.issues[0], 'field', 'code', 'text');
    ok(await as.plain.move('incidents', at, 'submit'));
    ok(await as.corr_north.move('incidents', at, 'ask', { reason: 'Quel jour ?' }));
    has(ok(await as.corr_north.get(`/api/v1/incidents/${at}/history`)).items[0], 'at', 'who', 'changes', 'text');
    for (const types of ['risks', 'controls', 'indicators', 'actions']) ok(await as.head_orm.list(types, 'limit=1'));
});

test('figures, description, health, pages in every format, tokens on pages', async () => {
    const figures = ok(await as.analyst.get(`/api/v1/measures/losses?rows=unit&columns=year&from=2020-01-01&to=2099-12-31&as_of=${isoDay(0)}`));
    has(figures, 'rows', 'columns', 'cells');
    assert.ok(Array.isArray(figures.cells[0]) && typeof figures.cells[0][0] === 'object');
    assert.equal((await as.analyst.get('/openapi.json')).status, 200);
    for (const open of ['/healthz', '/metrics']) assert.equal((await exchange(s.server.url, 'GET', open)).status, 200, open);
    for (const page of ['/incidents', `/incidents/${number}`]) {
        assert.match((await as.analyst.get(page, { accept: 'text/html' })).headers['content-type'], /^text\/html/);
        for (const [format, type] of [['json', /^application\/json/], ['csv', /^text\/csv/], ['xlsx', /spreadsheetml/]]) {
            const reply = await as.analyst.get(`${page}.${format}`);
            assert.equal(reply.status, 200, `${page}.${format}`);
            assert.match(reply.headers['content-type'], type);
        }
        assert.match((await as.analyst.get(page, { accept: 'application/json' })).headers['content-type'], /^application\/json/);
        assert.match((await as.analyst.get(page, { accept: 'text/csv' })).headers['content-type'], /^text\/csv/);
    }
    assert.equal((await must(s.db, ['token', 'list', '--user', email('plain'), '--json'], { binary: releaseBinary })).length, 1);
});
