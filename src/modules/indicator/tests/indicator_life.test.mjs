// indicator_life.test.mjs: a month of collection under a made-up clock: asked of three persons, taken from a file, pushed,
// counted; a breach goes through mail, acknowledgement, analysis, action and back to green; an acceptance runs out.
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Client, ok, refused } from '../../../../tests/lib/client.mjs';
import { Server, must, start } from '../../../../tests/lib/server.mjs';
import { SmtpServer, certificate } from '../../../../tests/lib/smtp.mjs';
import { email, everybody, incidentIn, lists } from '../../../../tests/lib/world.mjs';
import { multipart } from '../../../../tests/lib/xlsx.mjs';

// Months from the next one on, so that everything of the template lies in the past.
const today = new Date();
const day = (month, date, hour = 9) => new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() + month, date, hour)).toISOString().replace('.000', '');
const month = (n) => day(n, 1).slice(0, 7);
let s, as, smtp, cert, used = {};
const mailEnv = () => ({ GARDEFOU_PUBLIC_URL: 'https://risk.bank.test', GARDEFOU_MAIL_SERVER: `smtp://127.0.0.1:${smtp.port}`, GARDEFOU_MAIL_USER: smtp.user,
    GARDEFOU_MAIL_PASSWORD: smtp.password, GARDEFOU_MAIL_FROM: 'Risque <risk@bank.test>', GARDEFOU_MAIL_CA: cert.ca });

async function at(instant) {
    await s.server.stop();
    s.server = await new Server(s.db, { env: { ...mailEnv(), GARDEFOU_TEST_NOW: instant } }).start();
    as = everybody(s.server, s.world);
}
async function until(what, seconds = 30) {
    for (let i = 0; i < seconds * 10; i++) {
        const found = await what();
        if (found) return found;
        await new Promise((r) => setTimeout(r, 100));
    }
    throw new Error('it did not come');
}
const use = async (definition, unit, provider, more = {}) =>
    ok(await as.analyst.create('indicators', { definition, unit, ...(provider ? { provider: email(provider) } : {}), active_from: day(1, 1).slice(0, 10), ...more }), 201).number;
const send = (who, path, json) => who.request('POST', path, { json, headers: { 'idempotency-key': randomUUID(), accept: 'application/json' } });
const taken = (reply) => assert.ok([200, 303].includes(reply.status), reply.text.slice(0, 400));
async function listed(address) {
    const [path, query] = address.replaceAll('&amp;', '&').split('?');
    return ok(await as.analyst.get(`/api/v1${path}?${query}&limit=100`)).items;
}
const told = (name, number, kind) => until(async () => ok(await as[name].get('/notifications.json?all=1')).items.find((n) => n.number === number && n.kind === kind));
const breachOf = async (indicator) => (await as.analyst.all('breaches')).find((b) => (b.indicator.key ?? b.indicator) === indicator && b.state !== 'closed');

before(async () => {
    cert = certificate();
    smtp = await new SmtpServer(cert).start();
    s = await start('bank');
    for (const name of ['plain', 'plain2', 'corr_north', 'head_north', 'analyst', 'analyst2', 'head_orm'])
        s.world.tokens[name] = (await must(s.db, ['token', 'create', '--user', email(name), '--days', '300'])).trim();
    as = everybody(s.server, s.world);
    const user = ok(await as.root.one('users', email('head_orm')));
    ok(await as.root.patch('users', user.email, user.version, { language: 'ar' }));
});
after(async () => { await s?.server.stop(); await smtp?.stop(); cert?.end(); s?.db.drop(); });

test('three persons are asked, each for what they provide; the value answers, a second person looks at it', async () => {
    await at(day(1, 3));
    await incidentIn('review', as, await lists(as.analyst), { extra: { discovered_on: day(1, 2).slice(0, 10), occurred_on: day(1, 1).slice(0, 10) } });
    used = {
        k16: await use('K16', 'TN1', 'plain', { reviewer: email('analyst2') }), k19: await use('K19', 'TS1', 'plain2'), k10: await use('K10', 'TN2', 'corr_north', { deputy: email('head_north') }),
        k12: await use('K12', 'TN1', 'head_north'), k13: await use('K13', 'TN1', 'corr_north', { reviewer: email('analyst2') }),
    };
    for (let i = 1; i <= 10; i++) used[`a${i}`] = await use(`A${String(i).padStart(2, '0')}`, 'TST');
    await at(day(2, 2));
    const asked = await until(async () => { const all = (await as.analyst.all('assignments')).filter((a) => Object.values(used).includes(a.source_number)); return all.length >= 5 && all; });
    const of = (number) => asked.find((a) => a.source_number === number);
    for (const [key, name] of [['k16', 'plain'], ['k19', 'plain2'], ['k10', 'corr_north'], ['k12', 'head_north']]) {
        assert.equal(of(used[key]).state, 'open', key);
        assert.equal(of(used[key]).owner.key ?? of(used[key]).owner, email(name));
        assert.ok((await as[name].get('/', { accept: 'text/html' })).text.includes(of(used[key]).number), `${name} finds it in My work`);
    }
    assert.equal(of(used.k13).state, 'planned', 'what a system sends is asked of nobody before it is late');
    refused(await as.plain.move('assignments', of(used.k16).number, 'answer', { result: 'done' }), 422);
    assert.equal((await as.plain2.one('assignments', of(used.k16).number)).status, 404);
    for (const [key, name, value] of [['k16', 'plain', '70'], ['k19', 'plain2', '2'], ['k10', 'corr_north']])
        taken(await send(as[name], '/indicator-entry', { values: [{ indicator: used[key], period: month(1), ...(value ? { value } : { numerator: '8', denominator: '1 600' }) }] }));
    assert.equal(ok(await as.analyst.one('assignments', of(used.k16).number)).state, 'review');
    assert.equal(ok(await as.analyst.one('assignments', of(used.k19).number)).state, 'done', 'no reviewer, no review');
    ok(await as.analyst2.move('assignments', of(used.k16).number, 'accept'));
});

test('one from a file, one pushed, ten counted by the program, each with the records behind it', async () => {
    const csv = `indicator;period;numerator;denominator\n${used.k12};${month(1)};310;310000\n`;
    const { body, headers } = multipart({}, { field: 'file', name: 'v.csv', bytes: csv });
    taken(await as.head_north.request('POST', '/indicator-push', { body, headers: { ...headers, 'idempotency-key': randomUUID(), accept: 'application/json' } }));
    taken(await send(as.corr_north, '/indicator-push', { values: [{ code: 'K13', unit: 'TN1', period: month(1), value: '99.9' }] }));
    const run = await must(s.db, ['indicator', 'run']);
    assert.match(run, /values, \d+ asked/);
    for (let i = 1; i <= 10; i++) {
        const one = ok(await as.analyst.one('indicators', used[`a${i}`]));
        assert.ok(['green', 'amber', 'red'].includes(one.colour), `A${i}: ${one.colour}`);
        const page = (await as.analyst.get(`/indicators/${one.number}`, { accept: 'text/html' })).text;
        const list = /href="(\/(?:incidents|actions|risk_acceptances|indicators)\?[^"]+)"/.exec(page.slice(page.indexOf('unit.under') - 400));
        assert.ok(list, `A${i} opens its records`);
        if (i === 1) assert.equal(Number(one.last_value), 1, 'the one loss of the month');
        // A plain count is the number of records that its list opens on, seen by who sees them all. (A10 counts what this very run fills.)
        if (!['A02', 'A03', 'A04', 'A10'].includes(one.title.slice(0, 3))) assert.equal(Number(one.last_value), (await listed(list[1])).length, one.title);
    }
    for (const key of ['k16', 'k19', 'k10', 'k12', 'k13']) assert.equal(ok(await as.analyst.one('indicators', used[key])).colour, 'green', key);
});

test('a breach: told once and by mail, worse told again, acknowledged late told, analysed, an action, back to green', async () => {
    await at(day(3, 3));
    taken(await send(as.corr_north, '/indicator-push', { values: [{ code: 'K13', unit: 'TN1', period: month(2), value: '99.2' }] }));
    const number = (await breachOf(used.k13)).number;
    for (const name of ['head_north', 'analyst', 'head_orm']) await told(name, number, 'breach.red');
    const mail = await smtp.wait((m) => m.to[0] === email('head_north') && m.headers.subject.includes(number));
    assert.match(mail.headers.subject, /Un indicateur est au rouge/);
    assert.match(mail.text, new RegExp(`/breaches/${number}`));
    const inArabic = await smtp.wait((m) => m.to[0] === email('head_orm') && m.headers.subject.includes(number));
    assert.match(inArabic.headers.subject, /مؤشر في المنطقة الحمراء/);
    assert.match(inArabic.text, new RegExp(`/breaches/${number}`));
    for (const [lang, words] of [['fr', ['Pire couleur', 'À prendre en compte avant le', 'Rouge', 'Prendre en compte', 'Disponibilité du core banking']], ['ar', ['أسوأ لون', 'يؤخذ علما به قبل', 'أحمر', 'الأخذ علما', 'توفر النظام البنكي المركزي']]]) {
        const page = (await new Client(s.server, { token: s.world.tokens.head_north, lang, check: false }).get(`/breaches/${number}`, { accept: 'text/html' })).text;
        assert.match(page, new RegExp(`<html[^>]* lang="${lang}"[^>]* dir="${lang === 'ar' ? 'rtl' : 'ltr'}"`));
        for (const word of words) assert.ok(page.includes(word), `${word} on the page in ${lang}`);
        assert.ok(!page.includes('Worst colour') && !page.includes('Core banking availability'), `nothing is left in English in ${lang}`);
    }
    const batches = (await as.analyst.all('indicator_batches')).length, breaches = (await as.analyst.all('breaches')).length;
    taken(await send(as.corr_north, '/indicator-push', { values: [{ code: 'K13', unit: 'TN1', period: month(2), value: '99.2' }] }));
    assert.equal((await as.analyst.all('indicator_batches')).length, batches, 'the same push again writes nothing');
    assert.equal((await as.analyst.all('breaches')).length, breaches, 'and opens nothing');
    assert.equal(ok(await as.head_orm.get('/notifications.json?all=1')).items.filter((n) => n.number === number && n.kind === 'breach.red').length, 1, 'one notice an episode');
    assert.equal(smtp.mails.filter((m) => m.to[0] === email('head_north') && m.headers.subject.includes(number)).length, 1, 'one mail an episode');
    await at(day(3, 12));
    await told('head_north', number, 'breach.late');
    ok(await as.head_north.move('breaches', number, 'acknowledge'));
    ok(await as.corr_north.move('breaches', number, 'analyse', { analysis: 'Mise en production sans recette.' }));
    const form = (await as.analyst.get(`/plan-action?breach=${number}`, { accept: 'text/html' })).text;
    assert.ok(form.includes('Mise en production sans recette.'), 'the analysis is taken over');
    refused(await send(as.analyst, '/plan-action', { breach: number, title: 'Recette obligatoire' }), 422);
    taken(await send(as.analyst, '/plan-action', { breach: number, issue_title: 'Mises en production non recettées', issue_description: 'Sans recette', likelihood: '3', impact: '3', issue_owner: email('head_north'),
        title: 'Recette obligatoire', deliverable: 'Procédure signée', owner: email('corr_north'), due_on: day(6, 1).slice(0, 10), priority: 'high' }));
    const handled = ok(await as.analyst.one('breaches', number));
    assert.equal(handled.state, 'handled');
    assert.match(handled.measures_taken, /Mises en production non recettées/);
    assert.ok((await as.analyst.get(`/breaches/${number}`, { accept: 'text/html' })).text.includes('Recette obligatoire'), 'the action is on its page');
    await at(day(4, 3));
    taken(await send(as.corr_north, '/indicator-push', { values: [{ code: 'K13', unit: 'TN1', period: month(3), value: '99.95' }] }));
    const closed = ok(await as.analyst.one('breaches', number));
    assert.equal(closed.state, 'closed');
    assert.equal(closed.ended_on, `${month(3)}-01`);
    await told('head_north', number, 'breach.green');
    assert.equal(ok(await as.analyst.one('indicators', used.k13)).colour, 'green');
    await smtp.wait((m) => m.to[0] === email('head_north') && m.headers.subject.includes(number) && /L'indicateur est revenu au vert/.test(m.headers.subject));
});

test('what is missing is late, not green; an acceptance that ends puts the breach back to work; a correction and a threshold that ends are told', async () => {
    const missing = (await as.analyst.list('indicators', 'value_missing=true&limit=100')).json.items.map((i) => i.number);
    for (const key of ['k16', 'k19', 'k10', 'k12']) assert.ok(missing.includes(used[key]), key);
    taken(await send(as.corr_north, '/indicator-push', { reason: 'Relevé corrigé', values: [{ code: 'K13', unit: 'TN1', period: month(3), value: '99.94' }] }));
    await until(async () => ok(await as.analyst2.get('/notifications.json?all=1')).items.find((n) => n.number === used.k13 && n.kind === 'indicator.restated'));
    taken(await send(as.plain2, '/indicator-entry', { values: [{ indicator: used.k19, period: month(3), value: '30', comment: 'Arrêt du circuit' }] }));
    const number = (await breachOf(used.k19)).number;
    ok(await as.plain2.move('breaches', number, 'acknowledge'), 200);
    ok(await as.plain2.move('breaches', number, 'analyse', { analysis: 'Circuit interrompu.' }));
    ok(await as.head_orm.move('breaches', number, 'accept', { reason: 'Travaux', accepted_until: day(4, 20).slice(0, 10) }));
    const ending = ok(await as.analyst.create('indicator_thresholds', { definition: 'K16', indicator: used.k16, valid_from: day(4, 1).slice(0, 10), valid_until: day(5, 15).slice(0, 10), amber: '80', red: '160', reason: 'expert', rationale: 'Le temps des travaux' }), 201).number;
    ok(await as.analyst.move('indicator_thresholds', ending, 'propose'));
    const own = ok(await as.head_orm.create('indicator_thresholds', { definition: 'K19', indicator: used.k19, valid_from: day(6, 1).slice(0, 10), amber: '900', red: '1000', reason: 'expert', rationale: 'Tout seul' }), 201).number;
    ok(await as.head_orm.move('indicator_thresholds', own, 'propose'));
    assert.ok([403, 409, 422].includes((await as.head_orm.move('indicator_thresholds', own, 'approve')).status), 'nobody approves the own threshold');
    refused(await as.analyst.move('indicator_thresholds', ending, 'approve'), 403);
    assert.deepEqual([ok(await as.analyst.one('indicator_thresholds', own)).state, ok(await as.analyst.one('indicator_thresholds', ending)).state], ['proposed', 'proposed']);
    ok(await as.head_orm.move('indicator_thresholds', ending, 'approve'));
    await at(day(4, 21));
    await told('analyst', ending, 'threshold.ends');
    await told('head_north', used.k16, 'indicator.threshold_ends'); // belongs to no unit, but the indicator does
    assert.match((await as.analyst.get('/notifications?all=1', { accept: 'text/html' })).text, /The threshold ends on [^<]*15/);
    await until(async () => ok(await as.analyst.one('breaches', number)).state === 'analysed');
    await told('analyst', number, 'breach.accepted_over');
});
