// nodes.mjs: two nodes over one PostgreSQL (one after the other on SQLite), killed again and again while incidents are
// declared: every event reaches the people, the mail server and the webhook; nothing is lost, and nothing is doubled
// in its effect. Run with the kill tests. SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, ok } from '../lib/client.mjs';
import { Receiver } from '../lib/receiver.mjs';
import { Database, Server, engine, releaseBinary, template } from '../lib/server.mjs';
import { SmtpServer, certificate } from '../lib/smtp.mjs';
import { draft, email } from '../lib/world.mjs';

const ROUNDS = Number(process.env.GARDEFOU_TEST_KILLS ?? 12);

test(`two nodes, killed ${ROUNDS} times, lose and double nothing`, async (t) => {
    const { db: from, world } = await template('bank');
    const db = new Database(engine).create(from);
    const cert = certificate();
    const smtp = await new SmtpServer(cert).start();
    const hooks = await new Receiver(cert).start();
    const env = {
        GARDEFOU_PUBLIC_URL: 'https://risk.test', GARDEFOU_MAIL_SERVER: `smtp://127.0.0.1:${smtp.port}`, GARDEFOU_MAIL_USER: smtp.user, GARDEFOU_MAIL_PASSWORD: smtp.password,
        GARDEFOU_MAIL_FROM: 'risk@bank.test', GARDEFOU_MAIL_CA: cert.ca, GARDEFOU_WEBHOOK_CA: cert.ca, GARDEFOU_WEBHOOK_PRIVATE: '1' };
    const nodes = engine === 'sqlite' ? 1 : 2;
    const run = () => new Server(db, { binary: releaseBinary, env }).start();
    const servers = [];
    const as = (name, i = 0) => new Client(servers[i], { token: world.tokens[name], lang: 'en', check: false });
    try {
        for (let i = 0; i < nodes; i++) servers.push(await run());
        ok(await as('admin').create('webhooks', { title: 'Essai', url: hooks.url, types: ['incident'] }), 201);
        const declared = [];
        for (let round = 0; round < ROUNDS; round++) {
            const victim = round % nodes;
            let dead = false;
            const load = (async () => {
                for (let i = 0; i < 6 && !dead; i++) {
                    const key = `k${round}-${i}`, body = draft({ title: `N${round}-${i}` });
                    try {
                        const made = ok(await as('plain', victim).create('incidents', body, { key }), 201);
                        ok(await as('plain', victim).move('incidents', made.number, 'submit'));
                        declared.push(made.number);
                    } catch (e) { if (!dead && !/socket|ECONN|hang up/.test(String(e))) throw e; }
                }
            })();
            await new Promise((r) => setTimeout(r, 150 + Math.random() * 900));
            dead = true;
            await servers[victim].kill();
            await load;
            servers[victim] = await run();
        }
        assert.ok(declared.length >= ROUNDS, `${declared.length} declared`);
        const jobs = async (state) => ok(await as('admin').get(`/jobs.json?state=${state}`)).items.filter((j) => j.topic !== 'sweep' && j.topic !== 'digests');
        const began = Date.now();
        for (;;) {
            if ((await jobs('ready')).length + (await jobs('running')).length === 0) break;
            assert.ok(Date.now() - began < 120000, 'all work ends');
            await new Promise((r) => setTimeout(r, 500));
        }
        assert.deepEqual(await jobs('dead'), [], 'nothing is set aside');
        t.diagnostic(`${declared.length} declared, calm ${((Date.now() - began) / 1000).toFixed(0)} s after the last kill, ${smtp.mails.length} mails, ${hooks.got.length} messages`);
        const seen = [];
        for (let after = ''; ;) {
            const page = ok(await as('head_north').get(`/notifications.json?all=1${after}`));
            seen.push(...page.items);
            if (!page.next) break;
            after = `&after=${page.next}`;
        }
        for (const number of declared) {
            assert.equal(seen.filter((n) => n.number === number).length, 1, `${number}: one notification`);
            const mails = smtp.mails.filter((m) => m.to[0] === email('head_north') && m.headers.subject.includes(number));
            assert.ok(mails.length >= 1, `${number}: a mail`);
            assert.equal(new Set(mails.map((m) => m.headers['message-id'])).size, 1, `${number}: a repeated mail says that it is the same`);
            const events = hooks.taken().filter((g) => g.json.number === number);
            const ids = [...new Set(events.map((g) => g.json.id))];
            assert.deepEqual(ids.map((id) => events.find((g) => g.json.id === id).json.event), ['incident.create', 'incident.submit'], number);
        }
        const doubled = smtp.mails.length - new Set(smtp.mails.map((m) => m.headers['message-id'])).size;
        t.diagnostic(`${doubled} mails came twice under their own Message-ID`);
        assert.ok(doubled <= ROUNDS * 2, 'only what was under way at a kill may come again');
    } finally {
        for (const s of servers) if (s?.child) await s.kill();
        await smtp.stop();
        await hooks.stop();
        cert.end();
        db.drop();
    }
});
