// jobs.test.mjs: the administration page of background work and the command beside it.
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ok } from '../lib/client.mjs';
import { command, must, start } from '../lib/server.mjs';
import { everybody } from '../lib/world.mjs';

let s, as;
before(async () => {
    s = await start('bank');
    as = everybody(s.server, s.world);
});
after(() => s?.end());

test('only administrators see the background work', async () => {
    const page = ok(await as.admin.get('/jobs.json'));
    assert.ok(Array.isArray(page.items));
    for (const name of ['plain', 'analyst', 'head_orm', 'auditor'])
        assert.equal((await as[name].get('/jobs.json')).status, 403, name);
    const html = await as.admin.get('/jobs?state=ready', { accept: 'text/html' });
    assert.equal(html.status, 200);
});

test('a step that does not exist is refused, an empty choice changes nothing', async () => {
    const reply = await as.admin.post('/jobs', { form: { do: 'explode' }, accept: 'application/json' });
    assert.equal(reply.status, 422);
    assert.equal(reply.json.issues[0].field, 'do');
    const done = await as.admin.post('/jobs', { form: { do: 'resend' } });
    assert.ok([200, 303].includes(done.status), `${done.status}`);
});

test('the command tells the same', async () => {
    const list = await must(s.db, ['jobs', 'list', '--json']);
    assert.equal(list.dead, 0);
    assert.equal((await must(s.db, ['jobs', 'resend', 'all', '--json'])).resent, 0);
    assert.equal((await command(s.db, ['jobs', 'explode'])).code, 2);
});
