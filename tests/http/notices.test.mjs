// notices.test.mjs: who is told what: in the program, by mail over a real SMTP server with STARTTLS, by signed
// webhooks; never those who may not read the record. SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, ok, refused } from '../lib/client.mjs';
import { Receiver, signatureOf } from '../lib/receiver.mjs';
import { start } from '../lib/server.mjs';
import { SmtpServer, certificate } from '../lib/smtp.mjs';
import { draft, email, everybody, incidentIn, lists, password } from '../lib/world.mjs';

let s, as, l, smtp, cert, hooks;
const origin = 'https://risk.bank.test';
before(async () => {
    cert = certificate();
    smtp = await new SmtpServer({ ...cert, refuse: (to) => (to === email('auditor') ? '550 5.1.1 no such mailbox' : null) }).start();
    hooks = await new Receiver(cert).start();
    s = await start('bank', { env: {
        GARDEFOU_ORGANISATION: 'Banque de test', GARDEFOU_PUBLIC_URL: origin + '/', GARDEFOU_MAIL_SERVER: `smtp://127.0.0.1:${smtp.port}`,
        GARDEFOU_MAIL_USER: smtp.user, GARDEFOU_MAIL_PASSWORD: smtp.password, GARDEFOU_MAIL_FROM: 'Risque opérationnel <risk@bank.test>',
        GARDEFOU_MAIL_CA: cert.ca, GARDEFOU_WEBHOOK_CA: cert.ca, GARDEFOU_WEBHOOK_PRIVATE: '1' } });
    as = everybody(s.server, s.world);
    l = await lists(as.analyst);
});
after(async () => {
    await s?.end();
    await smtp?.stop();
    await hooks?.stop();
    cert?.end();
});

async function until(what, seconds = 30) {
    for (let i = 0; i < seconds * 10; i++) {
        const found = await what();
        if (found) return found;
        await new Promise((r) => setTimeout(r, 100));
    }
    throw new Error('it did not come');
}
const noticesOf = async (name, number) => ok(await as[name].get('/notifications.json?all=1')).items.filter((n) => !number || n.number === number);
const told = (name, number, kind) => until(async () => (await noticesOf(name, number)).find((n) => !kind || n.kind === kind));
// Everything that is due has been worked off.
const calm = () => until(async () => { const j = ok(await as.admin.get('/jobs.json?state=ready')).items.filter((i) => new Date(i.due_at) < new Date(Date.now() + 2000)); return j.length === 0; });

test('an incident that is declared tells its unit head, its correspondent and the analysts', async () => {
    const number = await incidentIn('declared', as, l);
    const head = await told('head_north', number, 'incident.declared');
    assert.equal(head.waits, true, 'the unit head confirms');
    await told('corr_north', number, 'incident.declared');
    await told('analyst', number, 'incident.declared');
    await calm();
    for (const name of ['plain', 'plain2', 'head_south', 'corr_south', 'head_orm', 'auditor', 'finance'])
        assert.deepEqual(await noticesOf(name, number), [], name);
    const mail = await smtp.wait((m) => m.to[0] === email('head_north') && m.headers.subject.includes(number));
    assert.equal(mail.secure, true);
    assert.equal(mail.from, 'risk@bank.test');
    assert.match(mail.headers.from, /Risque opérationnel <risk@bank.test>/);
    assert.match(mail.headers.subject, /Incident déclaré/, 'in the reader’s language');
    assert.match(mail.text, new RegExp(`${origin}/incidents/${number}\\n`));
    assert.match(mail.text, new RegExp(`${origin}/incidents/${number}/do/confirm`), 'the next step is one click away');
    assert.match(mail.html, /Virement envoyé deux fois/);
    assert.match(mail.html, /<html lang="fr" dir="ltr">/);
    assert.doesNotMatch(mail.html, /<script|<link|<img/);
    assert.equal(mail.headers['auto-submitted'], 'auto-generated');
    assert.equal(smtp.plainTries, 0, 'the password is never sent in the clear');
    assert.equal(smtp.mails.filter((m) => m.to[0] === email('head_north') && m.headers.subject.includes(number)).length, 1);
});

test('the link of a mail asks to sign in and then leads to the record', async () => {
    const number = await incidentIn('declared', as, l);
    const browser = new Client(s.server, { lang: 'fr' });
    const first = await browser.get(`/incidents/${number}/do/confirm`);
    assert.equal(first.status, 303);
    assert.match(first.headers.location, /^\/login\?next=/);
    const page = await browser.get(first.headers.location);
    const done = await browser.submit(first.headers.location, '/login', { email: email('head_north'), password });
    assert.equal(page.status, 200);
    assert.equal(done.status, 303);
    assert.match(done.headers.location, new RegExp(`/incidents/${number}/do/confirm`));
});

test('opening the record reads its notices, the bell counts the others', async () => {
    const browser = new Client(s.server, { lang: 'en' });
    await browser.login(email('head_north'), password);
    const number = await incidentIn('declared', as, l);
    await told('head_north', number);
    const count = async () => Number(/class="icon-button bell".*?<span class="hush">(\d+) unread/.exec((await browser.get('/notifications')).text)?.[1] ?? 0);
    const before = await count();
    assert.ok(before >= 1);
    assert.equal((await browser.get(`/incidents/${number}`)).status, 200);
    assert.equal(await count(), before - 1);
    const page = await browser.submit('/notifications', '/notifications', { read: 'all' });
    assert.equal(page.status, 303);
    assert.equal(await count(), 0);
});

test('a returned incident goes back to who sent it, an amount above the limit tells the chain, closing the declarant', async () => {
    const number = await incidentIn('review', as, l);
    ok(await as.analyst.move('incidents', number, 'return', { reason: 'Il manque la cause première.' }));
    await told('corr_north', number, 'returned');
    const mail = await smtp.wait((m) => m.to[0] === email('corr_north') && /Retourné/.test(m.headers.subject) && m.headers.subject.includes(number));
    assert.match(mail.text, /Il manque la cause première\./);
    const large = await incidentIn('approval', as, l);
    for (const name of ['head_north', 'corr_north', 'head_orm']) await told(name, large, 'incident.over_limit');
    const committee = await told('committee', large, 'waiting');
    assert.equal(committee.waits, true);
    const orm = await told('head_orm', large);
    assert.equal(orm.waits, true, 'within the limit of the head of ORM');
    const head = await told('head_north', large, 'incident.over_limit');
    assert.equal(head.waits, false, 'above the limit of the unit head');
    const closed = await incidentIn('closed', as, l);
    await told('plain', closed, 'incident.closed');
});

test('a restricted record is told to nobody who may not read it, and its mail names only the number', async () => {
    const secret = 'Détournement par le directeur';
    const made = ok(await as.plain.create('incidents', draft({ title: secret, manager_involved: true })), 201);
    ok(await as.plain.move('incidents', made.number, 'submit'));
    await told('inspection', made.number);
    await calm();
    for (const name of ['head_north', 'corr_north', 'analyst', 'analyst2', 'auditor', 'plain2'])
        assert.deepEqual(await noticesOf(name, made.number), [], name);
    const mail = await smtp.wait((m) => m.to[0] === email('inspection') && m.headers.subject.includes(made.number));
    assert.doesNotMatch(mail.raw + mail.text + mail.html + mail.headers.subject, /Détournement/);
    // Inspection and Compliance, whom such cases go to: both may read it.
    for (const m of smtp.mails) if (m.headers.subject.includes(made.number)) {
        assert.match(m.to[0], /^(inspection2?|compliance)@/);
        assert.doesNotMatch(m.raw + m.text + m.html + m.headers.subject, /Détournement/);
        ok(await as[m.to[0].split('@')[0]].one('incidents', made.number));
    }
});

test('mails in Arabic and English are written for their readers', async () => {
    for (const [name, language] of [['head_south', 'ar'], ['corr_south', 'en']]) {
        const user = ok(await as.admin.one('users', email(name)));
        ok(await as.admin.patch('users', email(name), user.version, { language }));
    }
    const number = await incidentIn('declared', as, l, { side: 'south' });
    const arabic = await smtp.wait((m) => m.to[0] === email('head_south') && m.headers.subject.includes(number));
    assert.match(arabic.html, /<html lang="ar" dir="rtl">/);
    assert.match(arabic.headers.subject, /[؀-ۿ]/);
    const english = await smtp.wait((m) => m.to[0] === email('corr_south') && m.headers.subject.includes(number));
    assert.match(english.headers.subject, /Incident declared/);
});

test('each person decides what comes by mail', async () => {
    const wish = (name, form) => as[name].post('/notifications/settings', { form, accept: 'application/json' });
    refused(await wish('head_north', { mail: 'sometimes' }), 422, 'mail');
    refused(await wish('head_north', { mail: 'all', quiet_from: '25:00', quiet_until: '07:00' }), 422, 'quiet_from');
    refused(await wish('head_north', { mail: 'all', quiet_from: '20:00' }), 422, 'quiet_until');
    assert.equal((await wish('head_north', { mail: 'none' })).status, 303);
    assert.equal((await wish('analyst', { mail: 'waiting' })).status, 303);
    assert.equal((await wish('corr_north', { mail: 'all', quiet_from: '00:00', quiet_until: '23:59' })).status, 303);
    assert.equal((await wish('analyst2', { mail: 'daily', digest_at: '00:00' })).status, 303);
    const number = await incidentIn('declared', as, l);
    for (const name of ['head_north', 'corr_north', 'analyst', 'analyst2']) await told(name, number);
    await calm();
    for (const name of ['head_north', 'analyst', 'corr_north', 'analyst2'])
        assert.ok(!smtp.mails.some((m) => m.to[0] === email(name) && m.headers.subject.includes(number)), name);
    const waiting = ok(await as.admin.get('/jobs.json?state=ready')).items;
    assert.ok(waiting.some((j) => j.topic === 'mail' && new Date(j.due_at) > new Date()), 'the mail waits for the end of the quiet hours');
    for (const name of ['head_north', 'corr_north', 'analyst']) await wish(name, { mail: 'all' });
});

test('a refused recipient is set aside at once and shown to the administrator', async () => {
    ok(await as.admin.create('role_assignments', { person: email('auditor'), role: 'correspondent', in_unit: 'TS1', valid_from: '2015-01-01' }), 201);
    await incidentIn('declared', as, l, { side: 'south' });
    const dead = await until(async () => ok(await as.admin.get('/jobs.json')).items.find((j) => j.topic === 'mail'));
    assert.match(dead.error, /550/);
    assert.equal((await as.admin.post('/jobs', { form: { do: 'resend', number: String(dead.number) } })).status, 303);
    await until(async () => ok(await as.admin.get('/jobs.json')).items.some((j) => j.number === dead.number));
    assert.equal((await as.admin.post('/jobs', { form: { do: 'drop', number: String(dead.number) } })).status, 303);
    assert.ok(!ok(await as.admin.get('/jobs.json')).items.some((j) => j.number === dead.number));
});

// ---- webhooks ----

async function hook(body) {
    const made = ok(await as.admin.create('webhooks', { title: 'Essai', url: hooks.url, ...body }), 201);
    assert.equal(made.secret, undefined, 'the API does not tell the secret');
    const browser = new Client(s.server, { lang: 'en' });
    ok(await as.admin.one('webhooks', made.number));
    await browser.login(email('admin'), password);
    const page = (await browser.get(`/webhooks/${made.number}`)).text;
    const secret = /<code[^>]*>([A-Za-z0-9_-]{43})</.exec(page)?.[1];
    assert.ok(secret, 'administrators see the secret on the page');
    return { number: made.number, secret };
}

test('webhooks are signed, in order, and name no restricted record', async () => {
    refused(await as.admin.create('webhooks', { title: 'Non', url: 'ftp://x.example/' }), 422, 'url');
    refused(await as.plain.create('webhooks', { title: 'Non', url: hooks.url }), 403);
    const { number: name, secret } = await hook({ types: ['incident'] });
    ok(await as.admin.move('webhooks', name, 'test'));
    const ping = await hooks.wait((g) => g.json.event === 'webhook.test');
    assert.equal(ping.headers['x-gardefou-signature'], signatureOf(secret, ping));
    assert.ok(Math.abs(Number(ping.headers['x-gardefou-timestamp']) * 1000 - Date.now()) < 60000);
    const restricted = ok(await as.plain.create('incidents', draft({ title: 'Secret', manager_involved: true })), 201);
    const number = await incidentIn('review', as, l);
    await hooks.wait((g) => g.json.number === number && g.json.state === 'review');
    const own = hooks.got.filter((g) => g.json.number === number);
    assert.deepEqual(own.map((g) => g.json.event), ['incident.create', 'incident.submit', 'incident.confirm', 'incident.send']);
    for (const g of own) {
        assert.equal(g.headers['x-gardefou-signature'], signatureOf(secret, g));
        assert.equal(g.headers['x-gardefou-delivery'], g.json.id);
        assert.equal(g.json.url, `${origin}/api/v1/incidents/${number}`);
        assert.doesNotMatch(g.body, /Virement/, 'no business data');
    }
    assert.ok(!hooks.got.some((g) => g.json.number === restricted.number));
    assert.match((await as.admin.get(`/webhooks/${name}`, { accept: 'text/html' })).text, /incident\/\d+\/\d+/, 'the log of deliveries');
    ok(await as.admin.move('webhooks', name, 'pause', { reason: 'Fin de l’essai' }));
});

test('what a receiver does not take comes again with the same key and in order', async () => {
    let refusals = 0;
    const { number: name } = await hook({ types: ['incident'], edits: true });
    hooks.answer = () => (refusals++ < 1 ? 500 : 200);
    const made = ok(await as.plain.create('incidents', draft()), 201);
    ok(await as.plain.patch('incidents', made.number, made.version, { title: 'Un autre titre' }));
    ok(await as.plain.move('incidents', made.number, 'submit'));
    const last = await hooks.wait((g) => g.json.number === made.number && g.json.event === 'incident.submit', 60);
    const own = hooks.got.filter((g) => g.json.number === made.number);
    assert.deepEqual(own.map((g) => [g.json.event, g.status]), [['incident.create', 500], ['incident.create', 200], ['incident.update', 200], ['incident.submit', 200]]);
    assert.equal(own[0].json.id, own[1].json.id);
    assert.equal(own[0].body, own[1].body);
    assert.equal(last.status, 200);
    hooks.answer = () => 302;
    ok(await as.admin.move('webhooks', name, 'test'));
    await hooks.wait((g) => g.json.event === 'webhook.test' && g.status === 302);
    assert.ok(!hooks.got.some((g) => g.path === '/elsewhere'), 'redirects are not followed');
    hooks.answer = () => 410;
    ok(await as.admin.move('webhooks', name, 'pause', { reason: 'Fin' }));
});
