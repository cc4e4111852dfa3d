// calendar.test.mjs: the calendar of a bank: kept by methodology with a second person, what it counts and where that is
// said, and that a holiday of later moves nothing that was set.
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ok, refused } from '../lib/client.mjs';
import { visibleText } from '../lib/html.mjs';
import { must, start } from '../lib/server.mjs';
import { everybody } from '../lib/world.mjs';

let s, as;
before(async () => {
    s = await start('bank');
    as = everybody(s.server, s.world);
});
after(() => s?.end());

const newest = async () => ok(await as.methodology.list('change_requests', 'sort=-id&limit=1')).items[0].number;
const apply = async () => ok(await as.methodology2.move('change_requests', await newest(), 'apply'));
const holiday = (more) => ({ calendar: 'MA', name_fr: 'Jour ajouté', repeats: 'once', days: 1, ...more });
const iso = (at) => new Date(at).toISOString().slice(0, 10), dayMs = 86400000;
const declare = async () => {
    const made = ok(await as.corr_north.create('incidents', { title: 'Écart de caisse', description: 'Écart de caisse', unit: 'TN1', discovered_on: iso(Date.now()), amount_range: 'to_100k' }), 201);
    return ok(await as.corr_north.move('incidents', made.number, 'submit'));
};

test('a holiday is proposed by one person and counts once a second one has applied it', async () => {
    refused(await as.admin.create('holidays', holiday({ day: '2031-03-05' })), 403);
    refused(await as.analyst.create('holidays', holiday({ day: '2031-03-05' })), 403);
    refused(await as.methodology.create('holidays', holiday({})), 422, 'day');
    const sent = ok(await as.methodology.create('holidays', holiday({ day: '2031-03-05', certainty: 'expected', source: 'Annonce du ministère', name_ar: 'يوم مضاف' })), 202);
    refused(await as.methodology.move('change_requests', sent.number, 'apply'), 403);
    assert.equal((await as.plain.all('holidays')).filter((h) => h.day === '2031-03-05').length, 0, 'not before');
    await apply();
    const made = (await as.plain.all('holidays')).find((h) => h.day === '2031-03-05');
    assert.deepEqual([made.calendar, made.certainty, made.source], ['MA', 'expected', 'Annonce du ministère']);
    ok(await as.methodology2.patch('holidays', made.number, made.version, { certainty: 'confirmed', day: '2031-03-06' }), 202);
    ok(await as.methodology.move('change_requests', await newest(), 'apply'));
    const now = ok(await as.plain.one('holidays', made.number));
    assert.deepEqual([now.day, now.certainty], ['2031-03-06', 'confirmed']);
    const history = ok(await as.auditor.get(`/api/v1/holidays/${made.number}/history`)).items;
    assert.equal(history.length, 2);
});

test('the next step is due by the calendar of the unit, the page names it, and a later holiday leaves the date alone', async () => {
    const first = await declare();
    const seen = ok(await as.analyst.one('incidents', first.number));
    assert.equal(seen.due_calendar, 'MA');
    assert.match(visibleText((await as.analyst.get(`/incidents/${first.number}`)).text), /(Jours ouvrés comptés d’après|Working days counted by)\s+MA\s+(Maroc|Morocco)/);
    assert.ok(seen.due_on > seen.declared_on);
    ok(await as.methodology.create('holidays', holiday({ day: seen.due_on, name_fr: 'Annoncé la veille' })), 202);
    await apply();
    assert.equal(ok(await as.analyst.one('incidents', first.number)).due_on, seen.due_on, 'what was set stays');
    const later = ok(await as.analyst.one('incidents', (await declare()).number));
    assert.ok(later.due_on > seen.due_on, `${later.due_on} is counted over ${seen.due_on}`);
});

test('an entity with another calendar counts by it: Friday and Saturday off, no holidays', async () => {
    ok(await as.methodology.create('calendars', { code: 'GULF', name_fr: 'Golfe', weekend: ['5', '6'] }), 202);
    await apply();
    refused(await as.methodology.create('calendars', { code: 'NEVER', name_fr: 'Jamais', weekend: ['1', '2', '3', '4', '5', '6', '7'] }), 422, 'weekend');
    const entity = ok(await as.organisation.one('entities', 'TST'));
    ok(await as.organisation.patch('entities', 'TST', entity.version, { calendar: 'GULF' }));
    const seen = ok(await as.analyst.one('incidents', (await declare()).number));
    let due = Date.parse(seen.declared_on) + dayMs;
    while ([5, 6].includes(new Date(due).getUTCDay())) due += dayMs;
    assert.deepEqual([seen.due_calendar, seen.due_on], ['GULF', iso(due)]);
    assert.equal((await must(s.db, ['audit', 'verify', '--json'])).ok, true);
    assert.equal((await must(s.db, ['rederive', '--check', '--json'])).ok, true);
});
