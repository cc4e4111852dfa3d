// language.test.mjs: French first, English and Arabic; right to left; nothing untranslated on a page.
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Client, exchange } from '../lib/client.mjs';
import { forms, tags, visibleText } from '../lib/html.mjs';
import { loadModel } from '../lib/model.mjs';
import { root, start } from '../lib/server.mjs';
import { everybody, incidentIn, lists } from '../lib/world.mjs';

let s, as, model, number;
before(async () => {
    s = await start('bank');
    as = everybody(s.server, s.world, { check: false });
    number = await incidentIn('open', as, await lists(as.analyst));
    model = await loadModel(s.db);
});
after(() => s?.end());

const htmlTag = (text) => tags(text).find((t) => t.name === 'html').attributes;

test('French without a wish, otherwise as the browser, the cookie or the person says', async () => {
    const anonymous = async (headers) => htmlTag((await exchange(s.server.url, 'GET', '/login', { headers })).text);
    assert.deepEqual([(await anonymous({})).lang, (await anonymous({})).dir], ['fr', 'ltr']);
    assert.equal((await anonymous({ 'accept-language': 'de' })).lang, 'fr');
    assert.equal((await anonymous({ 'accept-language': 'en-GB,en;q=0.9' })).lang, 'en');
    assert.deepEqual(await anonymous({ 'accept-language': 'ar-MA,ar;q=0.9,fr;q=0.5' }).then((h) => [h.lang, h.dir]), ['ar', 'rtl']);
    assert.equal((await anonymous({ 'accept-language': 'ar', cookie: 'lang=en' })).lang, 'en');
    assert.equal((await anonymous({ cookie: 'lang=xx' })).lang, 'fr');
    const plain = new Client(s.server, { token: s.world.tokens.plain });
    assert.equal(htmlTag((await plain.get('/')).text).lang, 'fr', 'the language of the person');
});

test('the switches change language and theme and come back to the same page', async () => {
    const c = new Client(s.server);
    const page = await c.get('/login');
    const form = forms(page.text).find((f) => f.action === '/preferences');
    const reply = await c.post('/preferences', { form: { ...form.fields, lang: 'ar' } });
    assert.equal(reply.status, 303);
    assert.equal(reply.headers.location, '/login');
    assert.equal(htmlTag((await c.get('/login')).text).dir, 'rtl');
    const again = forms((await c.get('/login')).text).find((f) => f.action === '/preferences');
    await c.post('/preferences', { form: { ...again.fields, theme: 'dark' } });
    assert.equal(htmlTag((await c.get('/login')).text)['data-theme'], 'dark');
    assert.equal(htmlTag((await c.get('/login')).text).lang, 'ar', 'the language stays');
});

function pairs(file) {
    const text = fs.readFileSync(file, 'utf8'), out = [];
    const part = (block, word) => {
        const m = new RegExp(`^${word.replace(/[[\]]/g, '\\$&')} ((?:"(?:[^"\\\\]|\\\\.)*"\\s*)+)`, 'm').exec(block);
        return m ? [...m[1].matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((x) => x[1]).join('').replace(/\\n/g, '\n').replace(/\\(.)/g, '$1') : '';
    };
    for (const block of text.split(/\n\s*\n/)) {
        const id = part(block, 'msgid');
        if (!id || /^#~/m.test(block)) continue;
        // A text that counts has as many forms as the language has.
        const forms = [...block.matchAll(/^msgstr\[(\d)\]/gm)].map((m) => part(block, `msgstr[${m[1]}]`));
        if (!/^msgid_plural /m.test(block)) out.push([id, part(block, 'msgstr')]);
        else out.push([part(block, 'msgid_plural'), forms.length === (/\/ar\.po$/.test(file) ? 6 : 2) && forms.every(Boolean) ? forms.at(-1) : '']);
    }
    return out;
}

function allWords(lang) {
    const files = [path.join(root, 'lang', `${lang}.po`)];
    for (const m of fs.readdirSync(path.join(root, 'src/modules'))) files.push(path.join(root, 'src/modules', m, 'lang', `${lang}.po`));
    return files.filter((f) => fs.existsSync(f)).flatMap(pairs);
}

test('each word has a French and an Arabic form', () => {
    for (const lang of ['fr', 'ar']) {
        const all = allWords(lang);
        assert.ok(all.length > 300, `${lang}: ${all.length} words`);
        assert.deepEqual(all.filter(([, to]) => !to).map(([id]) => id).slice(0, 20), [], lang);
        for (const [id, to] of all) assert.deepEqual((to.match(/\{\d\}/g) ?? []).sort(), (id.match(/\{\d\}/g) ?? []).sort(), `${lang}: ${id}`);
        if (lang === 'ar') assert.deepEqual(all.filter(([id, to]) => id.length > 12 && /[a-z]{4}/.test(id) && !/[\u0600-\u06ff]/.test(to)).map(([id]) => id).slice(0, 20), [], 'Arabic in Latin letters');
    }
});

test('no English sentence stands on a French or Arabic page', async () => {
    const pages = ['/', '/login', '/account', '/api', '/search?q=', '/search?q=zzzz', '/incidents', '/incidents?state=closed&q=zzzz', '/incidents/new', `/incidents/${number}`, `/incidents/${number}/edit`, `/incidents/${number}/history`,
        `/incidents/${number}/print`, `/incidents/${number}/do/propose_closure`, '/nothing', '/financial_entries/new', ...model.types.filter((t) => t.pages).flatMap((t) => [`/${t.plural}`, `/${t.plural}/new`]), ...model.pages.map((p) => p.path), ...model.measures.map((m) => `/measures/${m.name}`)];
    const wrong = [];
    for (const lang of ['fr', 'ar']) {
        const english = allWords(lang).filter(([id, to]) => id !== to && id.length > 12 && / /.test(id) && !/\{\d\}/.test(id)).map(([id]) => id);
        for (const who of ['analyst', 'organisation', 'corr_north', 'methodology', 'admin']) {
            as[who].jar.set('lang', lang);
            for (const page of pages) {
                const reply = await as[who].get(page);
                if (!(reply.headers['content-type'] ?? '').startsWith('text/html')) continue;
                const text = visibleText(reply.text) + ' ' + tags(reply.text).flatMap((t) => ['title', 'aria-label', 'placeholder', 'alt', 'value'].map((a) => t.attributes[a] ?? '')).join(' ');
                for (const id of english) if (text.includes(id)) wrong.push(`${lang} ${page} as ${who}: ${id}`);
            }
        }
    }
    assert.deepEqual([...new Set(wrong)].slice(0, 30), []);
});

test('refusals come in the language of the reader', async () => {
    const text = {};
    for (const lang of ['fr', 'en', 'ar']) {
        as.plain.jar.set('lang', lang);
        const reply = await as.plain.create('incidents', { discovered_on: 'x' });
        assert.equal(reply.status, 422);
        text[lang] = reply.json.issues.find((i) => i.field === 'title').text;
    }
    assert.equal(new Set(Object.values(text)).size, 3, JSON.stringify(text));
    assert.match(text.ar, /[\u0600-\u06ff]/);
});

test('amounts, dates and numbers are written for the reader, and read back', async () => {
    for (const [lang, amount] of [['fr', /12[\s\u00a0\u202f]000,00/], ['en', /12,000\.00/], ['ar', /12[.,\u066c\s\u00a0\u202f]?000[,.\u066b]00/]]) {
        as.analyst.jar.set('lang', lang);
        const text = visibleText((await as.analyst.get(`/incidents/${number}`)).text);
        assert.match(text, amount, lang);
    }
    as.analyst.jar.set('lang', 'fr');
    const page = await as.analyst.get(`/incidents/${number}/edit`);
    const form = forms(page.text).find((f) => f.action === `/incidents/${number}`);
    const before = (await as.analyst.one('incidents', number)).json;
    const saved = await as.analyst.post(`/incidents/${number}`, { form: { ...form.fields, title: before.title } });
    assert.equal(saved.status, 303, 'the form sent back unchanged is accepted');
    const now = (await as.analyst.one('incidents', number)).json;
    assert.equal(now.version, before.version, 'and changes nothing');
});
