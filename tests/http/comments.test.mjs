// comments.test.mjs: a comment tells the owner, whoever wrote before and whom it names, never who may not read the
// record; the mail of the day comes at the person's hour under a clock that the test sets.
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ok } from '../lib/client.mjs';
import { start } from '../lib/server.mjs';
import { SmtpServer, certificate } from '../lib/smtp.mjs';
import { email, everybody, incidentIn, lists } from '../lib/world.mjs';

let s, as, smtp, cert, number;
before(async () => {
    cert = certificate();
    smtp = await new SmtpServer(cert).start();
    s = await start('bank', { env: { GARDEFOU_PUBLIC_URL: 'https://risk.bank.test', GARDEFOU_MAIL_SERVER: `smtp://127.0.0.1:${smtp.port}`,
        GARDEFOU_MAIL_USER: smtp.user, GARDEFOU_MAIL_PASSWORD: smtp.password, GARDEFOU_MAIL_FROM: 'risk@bank.test', GARDEFOU_MAIL_CA: cert.ca } });
    as = everybody(s.server, s.world);
    number = await incidentIn('review', as, await lists(as.analyst));
});
after(async () => {
    await s?.end();
    await smtp?.stop();
    cert?.end();
});

async function until(what, seconds = 30) {
    for (const end = Date.now() + seconds * 1000; Date.now() < end; await new Promise((r) => setTimeout(r, 100))) {
        const found = await what();
        if (found) return found;
    }
    throw new Error('it did not come');
}
const noticesOf = async (name, kind) => ok(await as[name].get('/notifications.json?all=1')).items.filter((n) => n.number === number && (!kind || n.kind === kind));
const told = (name, kind, n = 1) => until(async () => { const all = await noticesOf(name, kind); return all.length >= n && all; });
let serial = 0;
const write = async (name, text) => ok(await as[name].post(`/api/v1/incidents/${number}/comments`, { json: { text }, headers: { 'idempotency-key': `c-${++serial}` } }), 201);
// Everything that is due has been worked off.
const calm = () => until(async () => ok(await as.admin.get('/jobs.json?state=ready')).items.every((j) => new Date(j.due_at) > new Date(Date.now() + 2000)));

test('whom a comment names is told by notice and mail, by address or by what stands before its @', async () => {
    await write('analyst', `Pouvez-vous compléter, @corr.north ? Copie : @${email('head_orm')}, et pas moi@exemple.`);
    await told('corr_north', 'mention');
    await told('head_orm', 'mention');
    const mail = await smtp.wait((m) => m.to[0] === email('corr_north') && /vous a écrit/.test(m.headers.subject));
    assert.match(mail.headers.subject, /Test analyst/);
    assert.match(mail.text, new RegExp(`https://risk.bank.test/incidents/${number}`));
    await calm();
    assert.deepEqual(await noticesOf('analyst', 'mention'), [], 'not who wrote it');
    assert.deepEqual(await noticesOf('finance', 'mention'), []);
});

test('who may be named is who may read the record', async () => {
    const people = async (q) => ok(await as.analyst.get(`/incidents/${number}/people?q=${q}`)).items.map((i) => i.key);
    assert.deepEqual(await people('corr'), ['corr.north'], 'as one writes it, and not those of the other side');
    assert.deepEqual(await people('plain2'), []);
    assert.deepEqual(await people(''), []);
    assert.equal((await as.plain2.get(`/incidents/${number}/people?q=corr`)).status, 404);
});

test('an answer tells whoever wrote before; nobody who may not read the record is told, even when named', async () => {
    await write('corr_north', 'C’est fait. @corr.south @plain2 @nobody @ @test.example regardez.');
    await told('analyst', 'comment');
    await write('analyst', 'Merci.');
    await told('corr_north', 'comment');
    await calm();
    for (const name of ['corr_south', 'plain2']) assert.deepEqual(await noticesOf(name), [], name);
    assert.equal((await noticesOf('analyst', 'comment')).length, 1);
});

test('a name that two persons have before their @ tells nobody', async () => {
    ok(await as.admin.create('users', { email: 'head.orm@other.example', name: 'Autre', language: 'fr' }), 201);
    const before = (await noticesOf('head_orm', 'mention')).length;
    await write('analyst', '@head.orm votre avis ?');
    await calm();
    assert.equal((await noticesOf('head_orm', 'mention')).length, before);
});

test('the mail of the day brings everything unread in one mail at the person’s hour, once', async () => {
    assert.equal((await as.head_orm.post('/notifications/settings', { form: { mail: 'daily', digest_at: '07:30' } })).status, 303);
    for (let i = 0; i < 3; i++) await write('analyst', `Point ${i} pour @${email('head_orm')}`);
    await told('head_orm', 'mention', 4);
    await calm();
    assert.ok(!smtp.mails.some((m) => m.to[0] === email('head_orm') && /Point/.test(m.text) ), 'nothing at once');
    const sofar = smtp.mails.filter((m) => m.to[0] === email('head_orm')).length;
    const tomorrow = new Date(Date.now() + 86400000).toISOString().slice(0, 10);
    const at = async (time) => {
        await s.server.stop();
        s.server.env.GARDEFOU_TEST_NOW = `${tomorrow}T${time}Z`;
        await s.server.start();
    };
    await at('09:00:00');
    const mail = await until(() => smtp.mails.filter((m) => m.to[0] === email('head_orm'))[sofar], 40);
    assert.ok(mail.text.split(`/incidents/${number}`).length > 3, 'several notices in one mail');
    assert.match(mail.html, /<html lang="fr" dir="ltr">/);
    await at('16:00:00');
    await calm();
    assert.equal(smtp.mails.filter((m) => m.to[0] === email('head_orm')).length, sofar + 1, 'once a day');
});
