// assignments.test.mjs: a plan asks, the person answers from My work, a second person reviews; the iCalendar feed under
// its secret address; the overview. SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, ok, refused } from '../lib/client.mjs';
import { start } from '../lib/server.mjs';
import { email, everybody, incidentIn, isoDay, lists, password } from '../lib/world.mjs';

let s, as, l, number;
before(async () => {
    s = await start('bank');
    as = everybody(s.server, s.world);
    l = await lists(as.analyst);
});
after(() => s?.end());

async function until(what, seconds = 30) {
    for (let i = 0; i < seconds * 10; i++) {
        const found = await what();
        if (found) return found;
        await new Promise((r) => setTimeout(r, 100));
    }
    throw new Error('it did not come');
}
const plan = (extra) => ({ title: 'Revue périodique', source_type: 'incident', task: 'Relire la fiche.', rule: 'weekly mon', open_days: 14, ...extra });

test('a plan that cannot be kept is refused with the field', async () => {
    refused(await as.analyst.create('assignment_plans', plan({ rule: 'when the moon is full' })), 422, 'rule');
    refused(await as.analyst.create('assignment_plans', plan({ assignee: 'person' })), 422, 'person');
    refused(await as.analyst.create('assignment_plans', plan({ source_number: 'INC-1999-00001' })), 422, 'source_number');
    refused(await as.plain.create('assignment_plans', plan()), 403);
});

test('a plan asks at once, the person answers, a second one reviews', async () => {
    const incident = await incidentIn('open', as, l);
    ok(await as.analyst.create('assignment_plans', plan({ source_number: incident, assignee: 'person', person: email('plain'), review_role: 'analyst' })), 201);
    const made = await until(async () => (await as.analyst.all('assignments')).find((a) => a.source_number === incident && a.state === 'open'));
    number = made.number;
    const own = ok(await as.plain.one('assignments', number));
    assert.equal(own.owner.key ?? own.owner, email('plain'));
    assert.ok(own.due_on > isoDay(1) && own.reviewer);
    assert.equal((await as.plain2.one('assignments', number)).status, 404);
    const home = await as.plain.get('/', { accept: 'text/html' });
    assert.match(home.text, new RegExp(`/assignments/answer/${number}`), 'My work has the next step as one button');
    refused(await as.plain.move('assignments', number, 'answer', {}), 422, 'result');
    ok(await as.plain.move('assignments', number, 'answer', { result: 'confirmed', comment: 'Relu.' }));
    assert.equal((await as.plain.move('assignments', number, 'accept')).status, 403);
    const reviewer = ['analyst', 'analyst2'].find((n) => email(n) === (own.reviewer.key ?? own.reviewer));
    const notified = await until(async () => ok(await as[reviewer].get('/notifications.json?all=1')).items.find((n) => n.number === number));
    assert.equal(notified.kind, 'waiting');
    const done = ok(await as[reviewer].move('assignments', number, 'accept'));
    assert.equal(done.state, 'done');
    assert.equal(done.on_time, true);
    const rows = ok(await as.analyst.get('/assignments/overview.json')).items;
    assert.ok(rows.some((r) => r.done >= 1 && r.asked >= r.done), JSON.stringify(rows));
});

test('the calendar feed needs its secret address and no sign-in, and can be revoked', async () => {
    const incident = await incidentIn('open', as, l);
    ok(await as.analyst.create('assignment_plans', plan({ title: 'Revue; avec, signes', source_number: incident, assignee: 'person', person: email('plain') })), 201);
    const made = await until(async () => (await as.plain.all('assignments')).find((a) => a.source_number === incident && a.state === 'open'));
    const browser = new Client(s.server, { lang: 'fr' });
    await browser.login(email('plain'), password);
    const page = await browser.submit('/account', '/account/feed', {});
    assert.equal(page.status, 200);
    const address = /https?:\/\/[^<\s]+\/feeds\/([A-Za-z0-9_-]{43})\.ics/.exec(page.text);
    assert.ok(address, 'the address is shown once');
    assert.doesNotMatch((await browser.get('/account')).text, /\/feeds\/[A-Za-z0-9_-]{43}/);
    const anonymous = new Client(s.server, {});
    const feed = await anonymous.get(`/feeds/${address[1]}.ics`);
    assert.equal(feed.status, 200);
    assert.match(feed.headers['content-type'], /^text\/calendar/);
    const text = feed.text.replace(/\r\n /g, '');
    assert.ok(feed.text.split('\r\n').every((line) => Buffer.byteLength(line) <= 75));
    assert.match(text, /^BEGIN:VCALENDAR\r\n/);
    assert.match(text, new RegExp(`DTSTART;VALUE=DATE:${made.due_on.replaceAll('-', '')}`));
    assert.match(text, /SUMMARY:Revue\\; avec\\, signes/);
    assert.equal((await anonymous.get(`/feeds/${'A'.repeat(43)}.ics`)).status, 404);
    assert.equal((await browser.submit('/account', '/account/feed/delete', {})).status, 303);
    assert.equal((await anonymous.get(`/feeds/${address[1]}.ics`)).status, 404);
});
