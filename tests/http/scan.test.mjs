// scan.test.mjs: uploads are shown to the virus scanner first: what is infected is refused by name and nothing is
// saved; a silent scanner refuses, or marks, as the setting says. SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Clamd, eicar } from '../lib/clamd.mjs';
import { ok } from '../lib/client.mjs';
import { command, start } from '../lib/server.mjs';
import { draft, everybody } from '../lib/world.mjs';
import { multipart } from '../lib/xlsx.mjs';

let s, as, clamd, dir, socket, number;
before(async () => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'gardefou-clamd-'));
    socket = path.join(dir, 'ctl');
    clamd = await new Clamd().start(socket);
    s = await start('bank', { env: { GARDEFOU_CLAMD: socket } });
    as = everybody(s.server, s.world);
    number = ok(await as.plain.create('incidents', draft()), 201).number;
});
after(async () => {
    await s?.end();
    await clamd?.stop();
    fs.rmSync(dir, { recursive: true, force: true });
});

let serial = 0;
const record = async () => ok(await as.plain.one('incidents', number));
async function upload(bytes, fields = {}, name = 'preuve.pdf') {
    const { body, headers } = multipart({ version: (await record()).version, ...fields }, { field: 'files', name, bytes });
    return as.plain.post(`/incidents/${number}`, { body, headers: { ...headers, 'idempotency-key': `s-${++serial}` } });
}
const restart = async (env) => { await s.server.stop(); Object.assign(s.server.env, env); await s.server.start(); };

test('a clean file is looked at whole and kept', async () => {
    const bytes = Buffer.concat([Buffer.from('%PDF-1.4\n'), Buffer.alloc(700000, 'a')]);
    assert.equal((await upload(bytes)).status, 303);
    assert.deepEqual(clamd.seen, [bytes.length]);
    assert.match(JSON.stringify((await record()).files), /preuve\.pdf/);
});

test('an infected file is refused with its name, and nothing else of the form is saved', async () => {
    const before = await record();
    for (const bytes of [eicar, Buffer.concat([Buffer.alloc(300000, 'x'), Buffer.from(eicar)])]) {
        const reply = await upload(bytes, { title: 'Ne doit pas être enregistré' }, 'facture.pdf');
        assert.equal(reply.status, 422);
        assert.match(reply.text, /Win\.Test\.EICAR_HDB-1/);
        assert.match(reply.text, /virus scanner|antivirus/);
    }
    assert.deepEqual(await record(), before);
    assert.ok(!s.server.errors.includes('facture.pdf'), 'the name of a file is not logged');
});

test('what the scanner cannot look at is refused when nothing else is said', async () => {
    clamd.most = 1000;
    assert.equal((await upload(Buffer.alloc(200000, 'b'))).status, 422);
    clamd.most = Infinity;
    await clamd.stop();
    const reply = await upload('%PDF-1.4\n', {}, 'plus tard.pdf');
    assert.equal(reply.status, 422);
    assert.match(reply.text, /could not look at this file/);
    assert.doesNotMatch(JSON.stringify((await record()).files), /plus tard/);
    const found = JSON.parse((await command(s.db, ['doctor', '--json'], { env: { GARDEFOU_CLAMD: socket } })).out).findings.find((f) => f.name === 'virus_scanner');
    assert.equal(found.ok, false);
    assert.equal((await as.plain.patch('incidents', number, (await record()).version, { title: 'Sans fichier' })).status, 200, 'what has no file needs no scanner');
});

test('or kept with a mark that every reader sees', async () => {
    await restart({ GARDEFOU_CLAMD_ABSENT: 'accept' });
    assert.equal((await upload('%PDF-1.4\nmarque', {}, 'marque.pdf')).status, 303);
    const page = await as.plain.get(`/incidents/${number}`, { accept: 'text/html' });
    assert.equal(page.text.match(/not looked at by the virus scanner/g)?.length, 1, 'that one only');
    clamd = await new Clamd().start(0);
    await restart({ GARDEFOU_CLAMD: clamd.where });
    assert.equal((await upload(eicar)).status, 422, 'over TCP as well');
    assert.equal((await upload('%PDF-1.4\npropre', {}, 'propre.pdf')).status, 303);
    const found = JSON.parse((await command(s.db, ['doctor', '--json'], { env: { GARDEFOU_CLAMD: clamd.where } })).out).findings.find((f) => f.name === 'virus_scanner');
    assert.match(found.value, /^ClamAV/);
});

test('a wrong setting stops the start', async () => {
    const done = await command(s.db, ['serve', '--listen', '127.0.0.1:0', '--clamd_absent', 'perhaps']);
    assert.equal(done.code, 1);
});
