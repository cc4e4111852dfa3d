// import_large.test.mjs: imports of more than 5,000 rows, saved in slices between other writers: cancelled, killed and
// gone on with, taken back; from a page and from a command. SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Client, closeConnections, ok } from '../lib/client.mjs';
import { press, proven, state, until, upload, wait } from '../lib/import.mjs';
import { Database, Server, engine, must, releaseBinary, template } from '../lib/server.mjs';

let dir;
before(() => { dir = fs.mkdtempSync(path.join(os.tmpdir(), 'gardefou-import-')); });
after(() => { closeConnections(); fs.rmSync(dir, { recursive: true, force: true }); });

// With the release build, as an operator would. On PostgreSQL rates, which take a tenth of the statements of an incident, so that the suite ends in time.
const big = engine === 'sqlite' ? {
    type: 'incident', who: 'analyst',
    head: 'external_key;title;description;discovered_on;unit;amount_range;event_type;business_line',
    row: (i) => `BIG-${i};Écart ${i};Différence ${i};${String(1 + i % 28).padStart(2, '0')}/0${1 + i % 9}/${2016 + i % 9};TN1;to_10k;ET7.1;BL3`,
} : {
    type: 'rate', who: 'finance', head: 'currency;against;day;rate;source',
    row: (i) => `USD;MAD;${new Date(Date.UTC(1995, 0, 1 + i)).toISOString().slice(0, 10)};10,${1000 + i};relevé`,
};
const rowsOf = (n) => Buffer.from([big.head, ...Array.from({ length: n }, (_, i) => big.row(i + 1))].join('\n') + '\n', 'latin1');

async function fresh() {
    const { db: from, world } = await template('bank');
    const db = new Database(engine).create(from);
    const server = await new Server(db, { binary: releaseBinary }).start();
    const stored = async () => JSON.parse(await must(db, ['export', big.type, '--format', 'json'], { binary: releaseBinary }));
    const before = (await stored()).length;
    return {
        db, server, world, stored, count: async () => (await stored()).length - before,
        client: () => new Client(server, { token: world.tokens[big.who], lang: 'fr', check: false }),
        end: async () => { try { await server.stop(); } finally { db.drop(); } },
        async killed() { await server.kill(); closeConnections(); await server.start(); return this.client(); },
    };
}
const midway = async (client, run, least) => {
    for (const end = Date.now() + 90000; Date.now() < end; await wait(15)) {
        const now = await state(client, run);
        if (now.state === 'running' && now.done >= least) return now;
        assert.ok(!['done', 'refused', 'undone'].includes(now.state), `too fast, or ${JSON.stringify(now)}`);
    }
    throw new Error(`it did not get that far: ${JSON.stringify(await state(client, run))}`);
};

test('more than 5,000 rows: others write meanwhile, progress is shown, a cancel takes all of it back', async () => {
    const f = await fresh();
    try {
        const client = f.client();
        const run = await upload(client, big.type, 'beaucoup.csv', rowsOf(5600));
        assert.equal((await until(client, run, 'checked')).created, 5600);
        await press(client, 'apply', run);
        await midway(client, run, 300);
        // Somebody else saves while it runs, and does not wait for its end.
        const plain = new Client(f.server, { token: f.world.tokens.plain, check: false });
        for (let i = 0; i < 5; i++) ok(await plain.create('incidents', { title: `Pendant ${i}`, description: 'Pendant un import.', amount_range: 'to_10k', discovered_on: '2026-01-05', occurred_on: '2026-01-04' }), 201);
        const page = await client.get(`/import?run=${run}`);
        assert.match(page.text, /data-refresh/, 'five saves do not take as long as the import');
        assert.match(page.text, /<progress[^>]* max="5600"/);
        await press(client, 'cancel', run);
        const end = await until(client, run, 'undone', 120);
        assert.equal(end.kept, 0);
        assert.ok(end.undone >= 300);
        assert.equal(await f.count(), engine === 'sqlite' ? 5 : 0);
        await proven(f.db, releaseBinary);
    } finally { await f.end(); }
});

test('kill -9 in the middle: the next start goes on and ends with the same count; a kill while it is taken back, too', async () => {
    const f = await fresh();
    try {
        let client = f.client();
        const run = await upload(client, big.type, 'beaucoup.csv', rowsOf(5300));
        await until(client, run, 'checked');
        await press(client, 'apply', run);
        const at = await midway(client, run, 500);
        client = await f.killed();
        const end = await until(client, run, 'done', 150);
        assert.ok(at.done < 5300);
        assert.deepEqual([end.created, end.unchanged, end.rejected], [5300, 0, 0]);
        assert.equal(await f.count(), 5300);
        await press(client, 'undo', run);
        for (let i = 0; i < 3000 && !((await state(client, run)).undone > 200); i++) await wait(10);
        client = await f.killed();
        assert.equal((await until(client, run, 'undone', 150)).undone, 5300);
        assert.equal(await f.count(), 0);
        await proven(f.db, releaseBinary);
    } finally { await f.end(); }
});

test('a command beside the server: interrupted, and killed with the server, nothing of it stays', async () => {
    const f = await fresh();
    const file = path.join(dir, 'commande.csv');
    fs.writeFileSync(file, rowsOf(5400));
    const begin = () => {
        const env = { ...process.env, GARDEFOU_DATABASE: f.db.url, GARDEFOU_LOG: 'warn' };
        const child = spawn(releaseBinary, ['import', big.type, file, '--json'], { env, stdio: 'ignore' });
        child.ended = new Promise((r) => child.on('close', (code, signal) => r({ code, signal })));
        return child;
    };
    const running = async () => {
        for (const end = Date.now() + 90000; Date.now() < end; await wait(20)) if (await f.count() > 100) return;
        throw new Error('the command does not get on');
    };
    const gone = async (why) => {
        for (let i = 0; i < 900 && await f.count(); i++) await wait(100);
        assert.equal(await f.count(), 0, why);
    };
    try {
        let child = begin();
        await running();
        child.kill('SIGINT');
        await child.ended;
        await gone('after an interrupt');
        child = begin();
        await running();
        if (engine !== 'sqlite') child.kill('SIGKILL'); // there the command does the work itself
        await f.server.kill();
        child.kill('SIGKILL');
        await child.ended;
        closeConnections();
        await f.server.start();
        await gone('after a kill');
        await proven(f.db, releaseBinary);
        const runs = await must(f.db, ['import', 'list', '--json'], { binary: releaseBinary });
        assert.deepEqual(runs.map((r) => r.state), ['undone', 'undone']);
    } finally { await f.end(); }
});

// Without a server: one transaction, rows written behind, no log, indexes at the end.
test('a command alone: killed it leaves nothing; then all rows but the bad ones, and nothing the second time', { skip: engine !== 'sqlite' }, async () => {
    const { db: from } = await template('bank');
    const db = new Database(engine).create(from), file = path.join(dir, 'seule.csv'), n = 11000;
    const lines = rowsOf(n).toString('latin1').trimEnd().split('\n');
    lines[50] = lines[50].replace('ET7.1', 'NOTHING');          // a bad row
    lines[9000] = lines[9000].replace('BIG-9000;', 'BIG-1;');   // a key that stands above
    fs.writeFileSync(file, Buffer.from(lines.join('\n') + '\n', 'latin1'));
    const count = async () => JSON.parse(await must(db, ['export', big.type, '--format', 'json'], { binary: releaseBinary })).length;
    const run = () => must(db, ['import', big.type, file, '--json'], { binary: releaseBinary });
    try {
        const before = await count();
        const child = spawn(releaseBinary, ['import', big.type, file, '--json'], { env: { ...process.env, GARDEFOU_DATABASE: db.url, GARDEFOU_LOG: 'warn' }, stdio: 'ignore' });
        const ended = new Promise((r) => child.on('close', (code, signal) => r({ code, signal })));
        const journal = `${db.url.slice('sqlite:'.length)}-journal`;
        for (const end = Date.now() + 60000; Date.now() < end && child.exitCode === null && !(fs.statSync(journal, { throwIfNoEntry: false })?.size > 0); await wait(5));
        child.kill('SIGKILL');
        assert.equal((await ended).signal, 'SIGKILL', 'it was ended in the midst');
        assert.ok(fs.statSync(journal, { throwIfNoEntry: false })?.size > 0, 'old pages stand beside the base');
        assert.equal(await count(), before, 'nothing of it stays');
        const first = await run();
        assert.deepEqual([first.read, first.created, first.rejected_rows], [n, n - 2, 2]);
        assert.equal(await count(), before + n - 2);
        await proven(db, releaseBinary);
        const again = await run();
        assert.deepEqual([again.created, again.updated, again.unchanged, again.rejected_rows], [0, 0, n - 2, 2]);
        // With an entry a row: its key is made of the row's, and is there the second time.
        const fields = big.head.split(';').map((f) => `field ${f} = ${f}`).join('\n'), map = path.join(dir, 'seule.map');
        fs.writeFileSync(map, `type incident\nstate qualification\n${fields}\nchild financial_entry\n  state accepted\n  field kind = "direct_loss"\n  field amount = "1200.00 MAD"\n  field booked_on = discovered_on\nend\n`);
        fs.writeFileSync(file, rowsOf(400).toString('latin1').replaceAll('BIG-', 'WITH-'), 'latin1');
        const withEntries = () => must(db, ['import', big.type, file, '--map', map, '--json'], { binary: releaseBinary });
        const third = await withEntries();
        assert.deepEqual([third.created, third.children_created, third.rejected_rows], [400, 400, 0]);
        const fourth = await withEntries();
        assert.deepEqual([fourth.created, fourth.children_created, fourth.unchanged], [0, 0, 400]);
        await proven(db, releaseBinary);
    } finally { db.drop(); }
});
