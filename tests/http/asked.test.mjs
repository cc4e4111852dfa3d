// asked.test.mjs: fields of a record asked of a person: one page from My work without a script, the answer changes the
// record when the reviewer accepts it, what came back keeps what was typed, a record saved meanwhile shows both values;
// the same over the API. SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, ok, refused } from '../lib/client.mjs';
import { start } from '../lib/server.mjs';
import { email, everybody, isoDay, password } from '../lib/world.mjs';

let s, as, browser, issue;
before(async () => {
    s = await start('bank');
    as = everybody(s.server, s.world);
    issue = ok(await as.analyst.create('issues', { title: 'Contre-appel omis', description: 'Neuf sur quarante.', source: 'self', likelihood: '3', impact: '4', owner: email('head_north'), unit: 'TN1', target_on: isoDay(-200) }), 201).number;
    browser = new Client(s.server, { lang: 'fr' });
    await browser.login(email('plain'), password);
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
const plan = (extra) => ({ title: 'Suivi des actions', source_type: 'action', task: 'Dites où en est l’action.', rule: 'weekly mon', open_days: 14, asked: 'progress, expected_on, follow_note', ...extra });
async function action(title) {
    const number = ok(await as.analyst.create('actions', { issues: [issue], title, deliverable: 'Procès-verbal', owner: email('plain'), unit: 'TN1', due_on: isoDay(-60), kind: 'corrective', priority: 'high' }), 201).number;
    ok(await as.plain.move('actions', number, 'start'));
    return number;
}
async function asked(source, extra) {
    ok(await as.analyst.create('assignment_plans', plan({ source_number: source, ...extra })), 201);
    return (await until(async () => (await as.plain.all('assignments')).find((a) => a.source_number === source && a.state === 'open'))).number;
}
const change = async (source, json) => as.analyst.patch('actions', source, ok(await as.analyst.one('actions', source)).version, json);
const page = (number) => `/assignments/answer/${number}`;
const reviewerOf = async (number) => {
    const key = ok(await as.plain.one('assignments', number)).reviewer;
    return as[['analyst', 'analyst2'].find((n) => email(n) === (key.key ?? key))];
};

test('only fields that people write may be asked, and the boxes say which', async () => {
    for (const name of ['first_due_on', 'evidence', 'nonsense', 'milestones']) refused(await as.analyst.create('assignment_plans', plan({ asked: name })), 422, 'asked');
    const made = ok(await as.analyst.create('assignment_plans', plan({ asked: '', rule: 'yearly month 3 day 31' })), 201);
    const analyst = new Client(s.server, { lang: 'fr' });
    await analyst.login(email('analyst'), password);
    const form = await analyst.get(`/assignments/fields/${made.number}`, { accept: 'text/html' });
    assert.match(form.text, /value="progress"/);
    assert.doesNotMatch(form.text, /value="first_due_on"/);
    assert.equal((await analyst.submit(`/assignments/fields/${made.number}`, `/assignments/fields/${made.number}`, { asked: ['progress', 'follow_note'] })).status, 303);
    assert.equal(ok(await as.analyst.one('assignment_plans', made.number)).asked, 'progress, follow_note');
    assert.equal((await browser.get(`/assignments/fields/${made.number}`, { accept: 'text/html' })).status, 403);
});

test('one page, one button; the reviewer sees before and after and sends it back, nothing typed is lost, then accepts', async () => {
    const source = await action('Contre-appel obligatoire'), number = await asked(source, { review_role: 'analyst' });
    assert.match((await browser.get('/', { accept: 'text/html' })).text, new RegExp(page(number)), 'My work leads to the page');
    const shown = (await browser.get(page(number), { accept: 'text/html' })).text;
    for (const text of ['Contre-appel obligatoire', 'Dites où en est', 'name="progress"', 'name="expected_on"', 'name="follow_note"']) assert.ok(shown.includes(text), text);
    assert.equal((await browser.submit(page(number), page(number), { progress: '140' })).status, 422);
    assert.equal((await browser.submit(page(number), page(number), { progress: '40', expected_on: '15/01/2031', follow_note: 'Moitié faite.', answer_comment: 'Rien à signaler.' })).status, 303);
    assert.equal(ok(await as.plain.one('actions', source)).progress, 0, 'nothing is changed before somebody accepts');
    const reviewer = await reviewerOf(number);
    const waiting = ok(await reviewer.one('assignments', number));
    assert.deepEqual([waiting.state, waiting.result, waiting.answers.length], ['review', 'changed', 3]);
    for (const where of [`/assignments/${number}`, `/assignments/${number}/do/accept`]) assert.match((await reviewer.get(where, { accept: 'text/html' })).text, /Moitié faite/, where);
    assert.equal((await as.plain.move('assignments', number, 'accept')).status, 403);
    ok(await reviewer.move('assignments', number, 'return', { reason: 'Précisez la date.' }));
    const back = (await browser.get(page(number), { accept: 'text/html' })).text;
    for (const text of ['Précisez la date.', 'Moitié faite.', 'value="40"']) assert.ok(back.includes(text), text);
    assert.equal((await browser.submit(page(number), page(number), { expected_on: '20/02/2031' })).status, 303);
    assert.equal(ok(await reviewer.move('assignments', number, 'accept')).state, 'done');
    const now = ok(await as.plain.one('actions', source));
    assert.deepEqual([now.progress, now.expected_on, now.follow_note], [40, '2031-02-20', 'Moitié faite.']);
    const entry = ok(await as.analyst.get(`/api/v1/actions/${source}/history`)).items.find((e) => JSON.stringify(e).includes(number));
    assert.ok(entry, 'the history says which assignment it came from');
    assert.match(JSON.stringify(entry), /plain/i, 'and who answered');
});

test('a record saved meanwhile: both values, and what nobody touched follows the record', async () => {
    const source = await action('Double signature'), number = await asked(source, {});
    const seen = ok(await as.plain.one('actions', source)).version;
    ok(await change(source, { progress: 30, follow_note: 'Vu en réunion.' }));
    const stale = await browser.submit(page(number), page(number), { answer_seen: String(seen), progress: '55', follow_note: '' });
    assert.equal(stale.status, 409);
    for (const text of ['30', '55', 'Double signature']) assert.ok(stale.text.includes(text), text);
    assert.equal(ok(await as.plain.one('actions', source)).progress, 30);
    assert.equal((await browser.submit(page(number), page(number), { progress: '55' })).status, 303);
    const now = ok(await as.plain.one('actions', source));
    assert.deepEqual([now.progress, now.follow_note], [55, 'Vu en réunion.']);
});

test('over the API, and when it cannot be answered', async () => {
    const source = await action('Formation'), number = await asked(source, { review_role: 'analyst' });
    refused(await as.plain.move('assignments', number, 'answer', { answers: [{ field: 'title', after: 'x' }] }), 422, 'answers[0].field');
    refused(await as.plain.move('assignments', number, 'answer', { answers: [{ field: 'progress', after: '900' }] }), 422, 'progress');
    refused(await as.plain.move('assignments', number, 'answer', { result: 'problem' }), 422, 'comment');
    assert.equal((await as.plain.move('assignments', number, 'answer', { answers: [{ field: 'progress', before: '12', after: '20' }] })).status, 409);
    ok(await as.plain.move('assignments', number, 'answer', { answers: [{ field: 'progress', after: '20' }] }));
    ok(await change(source, { progress: 25 }));
    const reviewer = await reviewerOf(number);
    assert.equal((await reviewer.move('assignments', number, 'accept')).status, 409, 'nobody accepts over a newer value unseen');
    ok(await reviewer.move('assignments', number, 'return', { reason: 'Elle a changé.' }));
    ok(await as.plain.move('assignments', number, 'answer', { result: 'problem', comment: 'Le prestataire est en retard.' }));
    ok(await reviewer.move('assignments', number, 'accept'));
    assert.equal(ok(await as.plain.one('actions', source)).progress, 25);
});

test('who may not read the record learns nothing of it by being asked', async () => {
    const source = await action('Hors de vue');
    ok(await change(source, { progress: 15, follow_note: 'cnrnote à taire' }));
    assert.equal((await as.plain2.one('actions', source)).status, 404);
    ok(await as.analyst.create('assignment_plans', plan({ source_number: source, assignee: 'person', person: email('plain2'), review_role: 'analyst' })), 201);
    const number = (await until(async () => (await as.plain2.all('assignments')).find((a) => a.source_number === source && a.state === 'open'))).number;
    refused(await as.plain2.move('assignments', number, 'answer', { answers: [{ field: 'follow_note', after: 'x' }] }), 422, 'comment');
    const reply = await as.plain2.move('assignments', number, 'answer', { answers: [{ field: 'follow_note', after: 'x' }], result: 'problem', comment: 'Je ne la vois pas.' });
    assert.equal(reply.status, 200);
    assert.ok(!reply.text.includes('cnrnote'), reply.text);
    // The rows are for who may read the record, not for all who may read assignments.
    const other = await action('Aussi hors de vue'), mine = await asked(other, { review_role: 'analyst' });
    ok(await change(other, { follow_note: 'cnrautre' }));
    ok(await as.plain.move('assignments', mine, 'answer', { answers: [{ field: 'follow_note', after: 'Plus rien' }] }));
    assert.ok((await as.analyst.one('assignments', mine)).text.includes('cnrautre'));
    assert.equal((await as.methodology.one('actions', other)).status, 404);
    for (const where of [`/api/v1/assignments/${mine}`, `/api/v1/assignments/${mine}/history`, `/assignments/${mine}.json`, `/assignments/${mine}.csv`])
        assert.ok(!(await as.methodology.get(where)).text.includes('cnrautre'), where);
});
