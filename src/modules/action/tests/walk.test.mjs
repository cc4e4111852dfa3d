// walk.test.mjs: the whole way of an action over HTTP, mail and a clock that the test sets: from an incident above a
// limit to the effectiveness check, on PostgreSQL over two nodes; acceptances that run out; the best plan against all sets; what is refused.
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, ok, refused } from '../../../../tests/lib/client.mjs';
import { Server, engine, must, start } from '../../../../tests/lib/server.mjs';
import { SmtpServer, certificate } from '../../../../tests/lib/smtp.mjs';
import { email, everybody, incidentIn, isoDay, lists, password } from '../../../../tests/lib/world.mjs';
import { multipart } from '../../../../tests/lib/xlsx.mjs';

let s, other, as, l, smtp, cert;
const day = (ahead) => isoDay(-ahead), key = (x) => x?.key ?? x;
before(async () => {
    cert = certificate();
    smtp = await new SmtpServer(cert).start();
    s = await start('bank', { env: { GARDEFOU_PUBLIC_URL: 'https://risk.bank.test', GARDEFOU_MAIL_SERVER: `smtp://127.0.0.1:${smtp.port}`,
        GARDEFOU_MAIL_USER: smtp.user, GARDEFOU_MAIL_PASSWORD: smtp.password, GARDEFOU_MAIL_FROM: 'risk@bank.test', GARDEFOU_MAIL_CA: cert.ca } });
    as = everybody(s.server, s.world);
    if (engine === 'postgresql') { /* two nodes: every other person works on the second */
        other = await new Server(s.db, { env: s.server.env }).start();
        const there = everybody(other, s.world);
        Object.keys(as).forEach((name, i) => { if (i % 2) as[name] = there[name]; });
    }
    l = await lists(as.analyst);
});
after(async () => {
    await other?.stop();
    await s?.end();
    await smtp?.stop();
    cert?.end();
});

async function until(what, seconds = 40) {
    for (const end = Date.now() + seconds * 1000; Date.now() < end; await new Promise((r) => setTimeout(r, 100))) {
        const found = await what();
        if (found) return found;
    }
    throw new Error('it did not come');
}
const get = async (types, number, who = 'analyst') => ok(await as[who].one(types, number));
const move = async (who, types, number, step, json) => ok(await as[who].move(types, number, step, json));
const change = async (who, types, number, json) => as[who].patch(types, number, (await get(types, number, who)).version, json);
const mailed = (name, about, words) => smtp.wait((m) => m.to[0] === email(name) && m.headers.subject.includes(about) && words.test(m.headers.subject), 60);
// The program starts again on another day; what was missed runs once. A second node is killed, not stopped.
async function onDay(ahead) {
    await other?.kill();
    await s.server.stop();
    s.server.env.GARDEFOU_TEST_NOW = `${day(ahead)}T10:00:00Z`;
    await s.server.start();
    await other?.start();
}
async function decided(who, from, form) {
    const reply = await as[who].submit(`/plan-action?${from}`, '/plan-action', form, { 'idempotency-key': `d-${Math.random()}` });
    assert.equal(reply.status, 303, reply.text.slice(0, 1500));
    return /ACT-\d{4}-\d+/.exec(reply.headers.location)[0];
}
const issueOf = async (extra = {}) => {
    const number = ok(await as.analyst.create('issues', { title: 'Contre-appel omis', description: 'Neuf sur quarante.', source: 'self', likelihood: '3', impact: '3',
        owner: email('head_north'), unit: 'TN1', target_on: day(200), nature: 'operation', root_cause: l.cause, ...extra }), 201).number;
    await move('analyst', 'issues', number, 'open');
    return number;
};

let incident, issue, action;

test('an incident above a limit tells its chain by mail, and an action is decided from it in one form', async () => {
    const began = Date.now();
    incident = await incidentIn('approval', as, l);
    for (const name of ['head_north', 'corr_north', 'head_orm']) await mailed(name, incident, /./);
    assert.ok(Date.now() - began < 60000, 'within a minute');
    const page = await as.corr_north.get(`/incidents/${incident}`, { accept: 'text/html' });
    assert.match(page.text, new RegExp(`href="/plan-action\\?incident=${incident}"`), 'one click');
    action = await decided('corr_north', `incident=${incident}`, { issue_owner: email('head_north'), title: 'Rendre le contre-appel bloquant', deliverable: 'Procès-verbal de recette signé', owner: email('plain'), due_on: day(30) });
    const made = await get('actions', action);
    issue = key(made.issues[0]);
    assert.equal(made.state, 'planned');
    assert.equal(key(made.verifier), email('head_north'), 'the owner of the issue verifies');
    const cause = await get('issues', issue);
    assert.equal(key(cause.incident), incident);
    assert.equal(cause.state, 'open');
    assert.equal(key(cause.unit), key((await get('incidents', incident)).unit));
    const links = (who, path) => as[who].get(path, { accept: 'text/html' }).then((r) => r.text);
    for (const number of [issue, action]) assert.ok((await links('corr_north', `/incidents/${incident}`)).includes(number), `the incident leads to ${number}`);
    assert.ok((await links('corr_north', `/issues/${issue}`)).includes(`/incidents/${incident}`), 'and back');
    await mailed('plain', action, /Une action/);
    assert.equal((await as.plain2.one('actions', action)).status, 404);
});

test('the form names what is missing and keeps what was typed; half is never saved', async () => {
    const before = (await as.analyst.all('issues')).length;
    const send = (form) => as.corr_north.post('/plan-action', { form: { incident, issue_title: 'Titre', issue_description: 'Texte', likelihood: '3', impact: '3', issue_owner: email('head_north'), title: 'T', deliverable: 'D', owner: email('plain'), due_on: day(30), priority: 'high', ...form },
        accept: 'application/json', headers: { 'idempotency-key': `f-${Math.random()}` } });
    for (const [form, field] of [[{ title: '' }, 'title'], [{ deliverable: ' ' }, 'deliverable'], [{ owner: 'nobody@test.example' }, 'owner'], [{ due_on: '2026-02-30' }, 'due_on'],
        [{ issue_owner: '' }, 'issue_owner'], [{ issue_title: '' }, 'issue_title'], [{ priority: 'soon' }, 'priority'], [{ likelihood: '9' }, 'likelihood']])
        refused(await send(form), 422, field);
    assert.equal((await send({ incident: 'INC-1999-00001' })).status, 404);
    assert.equal((await as.corr_south.get(`/plan-action?incident=${incident}`)).status, 404, 'the other side does not see it');
    const html = await as.corr_north.post('/plan-action', { form: { incident, issue_title: 'Gardé tel quel', title: '' }, headers: { 'idempotency-key': `f-${Math.random()}` } });
    assert.equal(html.status, 422);
    assert.match(html.text, /Gardé tel quel/);
    assert.equal((await as.analyst.all('issues')).length, before);
});

test('what cannot be is refused with its field', async () => {
    const plan = (json) => as.corr_north.create('actions', { issues: [issue], title: 'T', owner: email('plain'), due_on: day(30), kind: 'corrective', priority: 'normal', ...json });
    refused(await plan({ issues: [] }), 422, 'issues');
    refused(await plan({ issues: ['ISS-1999-00001'] }), 422, 'issues');
    refused(await plan({ due_on: 'soon' }), 422, 'due_on');
    refused(await plan({ progress: 101 }), 422, 'progress');
    refused(await plan({ verifier: email('plain') }), 422, 'verifier');
    refused(await plan({ prerequisites: ['ACT-1999-00001'] }), 422, 'prerequisites');
    refused(await plan({ cost_once: { amount: '-1.00', currency: 'MAD' } }), 422, 'cost_once');
    refused(await change('corr_north', 'actions', action, { prerequisites: [action] }), 422, 'prerequisites');
    refused(await as.plain2.create('actions', { issues: [issue], title: 'T', owner: email('plain'), due_on: day(30), kind: 'corrective', priority: 'normal' }), 403);
});

test('the plan is approved; from then on the date moves only by an extension', async () => {
    await move('corr_north', 'issues', issue, 'propose_plan', { nature: 'operation', root_cause: l.cause });
    refused(await as.plain.move('issues', issue, 'approve_plan'), 403);
    await move('analyst', 'issues', issue, 'approve_plan');
    await move('plain', 'actions', action, 'start');
    assert.equal((await get('issues', issue)).state, 'remediation', 'by its first action');
    refused(await change('corr_north', 'actions', action, { due_on: day(90) }), 422, 'due_on');
});

test('the incident does not close while the action is open', async () => {
    await move('committee', 'incidents', incident, 'approve');
    await move('corr_north', 'incidents', incident, 'propose_closure');
    const why = refused(await as.analyst.move('incidents', incident, 'close'), 422);
    assert.ok(JSON.stringify(why.issues).includes(action), 'the refusal names the action');
    assert.equal((await get('incidents', incident)).state, 'closure');
});

test('the owner is reminded before, on the day and after it, higher and higher, each once', async () => {
    await onDay(24);
    await mailed('plain', action, /À réaliser|À faire|avant le|d’ici/);
    await onDay(38);
    await mailed('plain', action, /retard/i);
    await mailed('head_north', action, /retard/i);
    assert.ok((await as.plain.list('actions', 'overdue=true')).json.items.some((a) => a.number === action), 'overdue is a question');
    await must(s.db, ['actions-daily']);
    const late = smtp.mails.filter((m) => m.to[0] === email('plain') && m.headers.subject.includes(action) && /retard/i.test(m.headers.subject));
    assert.equal(late.length, 1);
});

test('more time is asked for and granted at the right level; the first agreed date stays', async () => {
    const first = (await get('actions', action)).due_on;
    const ask = (json) => as.plain.create('extension_requests', { action, new_due_on: day(50), why: 'Le fournisseur livre plus tard.', ...json });
    refused(await ask({ why: '' }), 422, 'why');
    refused(await ask({ new_due_on: 'demain' }), 422, 'new_due_on');
    const request = ok(await ask({ new_due_on: day(20) }), 201);
    refused(await as.plain.move('extension_requests', request.number, 'submit'), 422, 'interim');
    ok(await change('plain', 'extension_requests', request.number, { interim: 'Contrôle manuel chaque soir.' }));
    refused(await as.plain.move('extension_requests', request.number, 'submit'), 422, 'new_due_on');
    ok(await change('plain', 'extension_requests', request.number, { new_due_on: day(50) }));
    const sent = await move('plain', 'extension_requests', request.number, 'submit');
    assert.equal(sent.state, 'with_unit', 'the first one of a medium issue');
    refused(await as.plain.move('extension_requests', request.number, 'approve_unit'), 403);
    refused(await ask({ new_due_on: day(60) }), 422, 'action');
    await move('head_north', 'extension_requests', request.number, 'approve_unit');
    const now = await get('actions', action);
    assert.deepEqual([now.due_on, now.first_due_on, now.extensions], [day(50), first, 1]);
    await mailed('plain', request.number, /./);
    const report = ok(await as.analyst.get('/reports/extensions.json'));
    const row = report.extensions.items.find((r) => r.request === request.number);
    assert.deepEqual([row.first_due_on, row.new_due_on, row.days, row.level, row.state], [first, day(50), 20, 'unit', 'approved']);
});

const evidence = (step, fields, file) => {
    const { body, headers } = multipart(fields, { field: 'evidence', ...file });
    return as.plain.post(`/actions/${action}/do/${step}`, { body, headers: { ...headers, 'idempotency-key': `e-${Math.random()}` } });
};

test('done needs evidence; somebody else than the owner verifies it', async () => {
    refused(await as.plain.move('actions', action, 'submit', { done_note: 'Fait' }), 422, 'evidence');
    const page = await as.plain.get(`/actions/${action}/do/submit`, { accept: 'text/html' });
    assert.match(page.text, /type="file"/);
    assert.equal((await evidence('submit', { done_note: 'Fait', version: (await get('actions', action, 'plain')).version }, { name: 'recette.pdf', bytes: '%PDF-1.4\nrecette\n' })).status, 303);
    const done = await get('actions', action);
    assert.equal(done.state, 'done');
    assert.equal(done.progress, 100);
    assert.equal(done.timing, 'extended');
    assert.ok(done.slip_days > 0, 'measured against the first agreed date');
    assert.match(JSON.stringify(done.evidence), /recette\.pdf/);
    await mailed('head_north', action, /./);
    refused(await as.plain.move('actions', action, 'verify'), 403);
    refused(await as.head_north.move('actions', action, 'return'), 422, 'reason');
    await move('head_north', 'actions', action, 'return', { reason: 'Il manque la page deux.' });
    await mailed('plain', action, /Renvoy|Retourn/i);
    await move('plain', 'actions', action, 'submit', { done_note: 'Page deux jointe' });
    const verified = await move('head_north', 'actions', action, 'verify', { verification_note: 'Vu.', effect_months: 1 });
    assert.equal(verified.state, 'verified');
    assert.ok(verified.effect_on > day(60));
    await move('analyst', 'incidents', incident, 'close');
});

test('a month later the effectiveness is asked for, and the issue closes', async () => {
    await move('head_north', 'issues', issue, 'ready');
    refused(await as.head_north.move('issues', issue, 'verify'), 403);
    await move('analyst', 'issues', issue, 'verify');
    refused(await as.analyst.move('issues', issue, 'close'), 422);
    await onDay(70);
    await until(async () => (await get('actions', action)).state === 'effectiveness');
    const home = await as.head_north.get('/', { accept: 'text/html' });
    assert.ok(home.text.includes(action), 'it waits in My work');
    refused(await as.plain.move('actions', action, 'confirm_effect'), 403);
    const closed = await move('head_north', 'actions', action, 'confirm_effect', { effect_note: 'Aucun cas depuis.' });
    assert.deepEqual([closed.state, closed.effect], ['closed', 'effective']);
    await move('analyst', 'issues', issue, 'close');
    const told = JSON.stringify(ok(await as.auditor.get(`/api/v1/actions/${action}/history`)).items);
    for (const words of ['created it', 'started it', 'submitted it as done', 'returned it', 'verified it', 'opened the effectiveness check', 'confirmed that it works']) assert.ok(told.includes(words), words);
});

test('an accepted risk always ends, and its issue is open again', async () => {
    const number = await issueOf();
    const ask = (json) => as.corr_north.create('risk_acceptances', { issue: number, title: 'Jusqu’à la migration', why: 'Remplacé en avril', unit: 'TN1', amount: { amount: '9000.00', currency: 'MAD' }, ...json });
    refused(await ask({}), 422, 'expires_on');
    const long = ok(await ask({ expires_on: day(900) }), 201).number;
    refused(await as.corr_north.move('risk_acceptances', long, 'submit'), 422, 'expires_on');
    ok(await change('corr_north', 'risk_acceptances', long, { expires_on: day(78), compensating: 'Contrôle manuel' }));
    const sent = await move('corr_north', 'risk_acceptances', long, 'submit');
    const level = sent.state.replace('with_', ''), by = { unit: 'head_north', orm: 'analyst', head: 'head_orm', committee: 'committee' }[level];
    refused(await as.corr_north.move('risk_acceptances', long, `approve_${level}`), 403);
    const decider = by === 'head_north' ? 'head_orm' : by; /* the owner does not decide */
    await move(decider, 'risk_acceptances', long, `approve_${level}`);
    assert.equal((await get('issues', number)).state, 'accepted');
    await onDay(73);
    await mailed('corr_north', long, /./);
    assert.equal((await get('issues', number)).state, 'accepted');
    await onDay(79);
    await until(async () => (await get('risk_acceptances', long)).state === 'expired');
    assert.equal((await get('issues', number)).state, 'open');
    await mailed('head_north', long, /./);
});

test('the best plan under a budget is that of all sets', async () => {
    const loss = { a: 900, b: 500 }, issues = {};
    for (const k of Object.keys(loss)) issues[k] = await issueOf({ unit: 'TS1', owner: email('head_south'), yearly_loss: { amount: `${loss[k]}000.00`, currency: 'MAD' } });
    const items = [], n = 12;
    for (let i = 0; i < n; i++) {
        const item = { cost: 20 + (i * 37) % 90, days: 1 + (i * 7) % 11, benefit: 30 + (i * 53) % 170, of: i % 3 ? 'a' : 'b', needs: i === 5 ? [2] : i === 9 ? [4] : [], not: i === 7 ? [6] : [] };
        const number = ok(await as.analyst.create('actions', { issues: [issues[item.of]], title: `Mesure ${i}`, owner: email('plain2'), unit: 'TS1', due_on: day(300), kind: 'corrective', priority: 'normal',
            cost_once: { amount: `${item.cost}000.00`, currency: 'MAD' }, staff_days: `${item.days}.0`, benefit_yearly: { amount: `${item.benefit}000.00`, currency: 'MAD' },
            prerequisites: item.needs.map((k) => items[k].number), alternatives: item.not.map((k) => items[k].number) }), 201).number;
        items.push({ ...item, number });
    }
    const best = (budget, days) => {
        let most = 0;
        for (let set = 0; set < 1 << n; set++) {
            const sum = { cost: 0, days: 0, a: 0, b: 0 };
            let fits = true;
            for (let i = 0; i < n && fits; i++) {
                if (!(set >> i & 1)) continue;
                sum.cost += items[i].cost;
                sum.days += items[i].days;
                sum[items[i].of] += items[i].benefit;
                fits = items[i].needs.every((k) => set >> k & 1) && !items[i].not.some((k) => set >> k & 1);
            }
            if (fits && sum.cost <= budget && sum.days <= days) most = Math.max(most, Math.min(sum.a, loss.a) + Math.min(sum.b, loss.b));
        }
        return most;
    };
    const asked = async (budget, days) => {
        const reply = ok(await as.analyst.get(`/action-plan.json?unit=TS1&budget=${budget}000${days < 1e6 ? `&staff_days=${days}` : ''}`));
        const text = JSON.stringify(reply);
        return { text, benefit: Number(/"benefit"[^}]*?"amount":"(\d+)\.00"/.exec(text)?.[1]) / 1000 };
    };
    for (const [budget, days] of [[0, 1e9], [100, 1e9], [260, 1e9], [260, 25], [400, 40], [2000, 1e9]]) {
        const found = await asked(budget, days);
        assert.equal(found.benefit, best(budget, days), `budget ${budget}, ${days} days: ${found.text.slice(0, 600)}`);
    }
    for (const [query, field] of [['budget=-1', 'budget'], ['budget=viel', 'budget'], ['budget=1&staff_days=x', 'staff_days'], ['budget=1&years=11', 'years'], ['unit=NOWHERE', 'unit']])
        refused(await as.analyst.get(`/action-plan?${query}`, { accept: 'application/json' }), 422, field);
    assert.equal((await as.plain.get('/action-plan')).status, 403);
});

test('all pages answer for all readers, in every format; the history is whole', async () => {
    const pages = ['/action-tracker', '/action-board', '/action-board?of=issues', '/action-gantt', '/action-plan', '/reports/action-ageing', '/reports/action-trend', '/reports/extensions', '/reports/acceptances', '/reports/plan-cost'];
    for (const page of pages)
        for (const who of ['analyst', 'corr_north', 'auditor', 'head_orm']) assert.equal((await as[who].get(page, { accept: 'text/html' })).status, 200, `${page} ${who}`);
    const [path] = pages.slice(3);
    for (const format of ['json', 'csv', 'xlsx']) assert.equal((await as.analyst.get(`${path}.${format}`)).status, 200, format);
    const arabic = new Client(s.server, { lang: 'ar' });
    assert.equal((await arabic.login(email('analyst'), password)).status, 303);
    for (const page of pages) assert.match((await arabic.get(page)).text, /<html[^>]*dir="rtl"/, page);
    assert.equal((await must(s.db, ['audit', 'verify', '--json'])).ok, true);
    assert.equal((await must(s.db, ['measures', 'check', '--json'])).ok, true);
});
