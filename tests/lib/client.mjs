// client.mjs: an HTTP client for tests: cookies, sign-in by form, bearer tokens, JSON, forms. Notes each
// route it meets for the coverage check and compares each API reply with /openapi.json.
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import zlib from 'node:zlib';
import { forms } from './html.mjs';
import { checkReply, routeOf } from './schema.mjs';

const agent = new http.Agent({ keepAlive: true, maxSockets: 32 });
const hits = new Map(), defined = new Set(), broken = new Map();
// What does not fit its schema is collected and fails the coverage check at the end, so that one wrong
// description does not hide what the other tests say.

export function closeConnections() { agent.destroy(); }

process.on('exit', () => {
    const dir = process.env.GARDEFOU_TEST_COVERAGE;
    if (dir) fs.writeFileSync(path.join(dir, `${process.pid}.json`), JSON.stringify({ hits: [...hits], defined: [...defined], broken: [...broken] }));
});

// One exchange without any memory: {status, headers, body (Buffer), text, json}.
export function exchange(base, method, target, { headers = {}, body } = {}) {
    return new Promise((resolve, reject) => {
        const url = new URL(base);
        const bytes = body === undefined ? undefined : Buffer.from(body);
        const all = { host: url.host, ...headers };
        if (bytes) all['content-length'] = bytes.length;
        else if (method !== 'GET' && method !== 'HEAD') all['content-length'] = 0;
        const request = http.request({ host: url.hostname, port: url.port, method, path: target, headers: all, agent });
        request.setTimeout(60000, () => request.destroy(new Error(`no answer in 60 s: ${method} ${target}`)));
        // A server may close a resting connection at the moment it is used again: a question is then asked anew, as browsers do.
        request.on('error', (e) => {
            if (method === 'GET' && request.reusedSocket && e.code === 'ECONNRESET') exchange(base, method, target, { headers, body }).then(resolve, reject);
            else reject(e);
        });
        request.on('response', (reply) => {
            const parts = [];
            reply.on('data', (d) => parts.push(d));
            reply.on('error', reject);
            reply.on('end', () => {
                let data = Buffer.concat(parts);
                const wire = data.length;
                if (reply.headers['content-encoding'] === 'gzip') data = zlib.gunzipSync(data);
                if (reply.headers['content-encoding'] === 'deflate') data = zlib.inflateSync(data);
                resolve({
                    status: reply.statusCode, headers: reply.headers, cookies: reply.headers['set-cookie'] ?? [], body: data, wire,
                    get text() { return data.toString('utf8'); },
                    get json() { return JSON.parse(data.toString('utf8')); },
                });
            });
        });
        request.end(bytes);
    });
}

export class Client {
    // token: bearer; lang: what the reader chose. Without a token it is a browser with a cookie jar.
    constructor(server, { token, lang, name, check = true } = {}) {
        Object.assign(this, { server, token, name, check });
        this.jar = new Map();
        if (lang) this.jar.set('lang', lang);
    }
    async request(method, target, { json, form, headers = {}, body, accept } = {}) {
        const all = { ...headers };
        if (this.token) all.authorization ??= `Bearer ${this.token}`;
        if (this.jar.size) all.cookie ??= [...this.jar].map(([k, v]) => `${k}=${v}`).join('; ');
        if (accept) all.accept = accept;
        if (json !== undefined) { body = JSON.stringify(json); all['content-type'] ??= 'application/json'; }
        if (form !== undefined) {
            const pairs = [];
            for (const [k, v] of form instanceof Array ? form : Object.entries(form))
                for (const each of v instanceof Array ? v : [v]) pairs.push(`${encodeURIComponent(k)}=${encodeURIComponent(each)}`);
            body = pairs.join('&');
            all['content-type'] ??= 'application/x-www-form-urlencoded';
        }
        let reply = await exchange(this.server.url, method, target, { headers: all, body });
        // A machine busy with other tests sheds load as it should; nothing was saved, and a client tries again.
        for (let tries = 0; reply.status === 503 && reply.headers['retry-after'] && tries < 10; tries++) {
            await new Promise((r) => setTimeout(r, 1000 * Math.min(2, Number(reply.headers['retry-after']))));
            reply = await exchange(this.server.url, method, target, { headers: all, body });
        }
        for (const line of reply.cookies) {
            const [pair, ...rest] = line.split(';');
            const at = pair.indexOf('=');
            const gone = rest.some((r) => /^\s*max-age=0$/i.test(r));
            if (gone || pair.slice(at + 1) === '') this.jar.delete(pair.slice(0, at));
            else this.jar.set(pair.slice(0, at), pair.slice(at + 1));
        }
        const plain = target.split('?')[0];
        if (plain.startsWith('/api/v1/') && this.check) {
            const doc = await this.openapi();
            const route = routeOf(doc, method, plain);
            if (route) hits.set(`${method} ${route}`, (hits.get(`${method} ${route}`) ?? 0) + 1);
            const found = route ? checkReply(doc, method, route, reply) : [];
            if (found.length) broken.set(`${method} ${route} ${reply.status}`, { target, name: this.name, found });
        }
        assert.ok(reply.status < 500 || reply.status === 503, `${method} ${target} answered ${reply.status}: ${reply.text.slice(0, 600)}`);
        return reply;
    }
    async openapi() {
        if (!this.doc) {
            const reply = await exchange(this.server.url, 'GET', '/openapi.json', { headers: this.credentials() });
            assert.equal(reply.status, 200, '/openapi.json');
            this.doc = reply.json;
            for (const [route, item] of Object.entries(this.doc.paths))
                for (const method of Object.keys(item)) if (method !== 'parameters') defined.add(`${method.toUpperCase()} ${route}`);
        }
        return this.doc;
    }
    credentials() {
        const all = {};
        if (this.token) all.authorization = `Bearer ${this.token}`;
        if (this.jar.size) all.cookie = [...this.jar].map(([k, v]) => `${k}=${v}`).join('; ');
        return all;
    }
    get(target, options) { return this.request('GET', target, options); }
    post(target, options) { return this.request('POST', target, options); }
    // ---- API ----
    create(types, json, { key = randomUUID(), headers = {} } = {}) {
        return this.request('POST', `/api/v1/${types}`, { json, headers: { 'idempotency-key': key, ...headers } });
    }
    one(types, number) { return this.get(`/api/v1/${types}/${encodeURIComponent(number)}`); }
    patch(types, number, version, json, headers = {}) {
        return this.request('PATCH', `/api/v1/${types}/${encodeURIComponent(number)}`, { json, headers: { ...(version === undefined ? {} : { 'if-match': `"${version}"` }), ...headers } });
    }
    move(types, number, step, json = {}) { return this.post(`/api/v1/${types}/${encodeURIComponent(number)}/do/${step}`, { json }); }
    list(types, query = '') { return this.get(`/api/v1/${types}${query ? '?' + query : ''}`); }
    // All items, page by page.
    async all(types, query = '', limit = 100) {
        const items = [];
        for (let after = null, pages = 0; pages < 10000; pages++) {
            const parts = [query, `limit=${limit}`, after === null ? '' : `after=${encodeURIComponent(after)}`].filter(Boolean);
            const reply = await this.list(types, parts.join('&'));
            assert.equal(reply.status, 200, `list of ${types}: ${reply.text.slice(0, 500)}`);
            items.push(...reply.json.items);
            after = reply.json.next;
            if (after === null) return items;
        }
        throw new Error(`the list of ${types} does not end`);
    }
    // ---- pages ----
    // Loads a page and sends its form whose action ends with `action` with `fields` over what it holds.
    async submit(page, action, fields, headers) {
        const reply = await this.get(page);
        assert.equal(reply.status, 200, `GET ${page}`);
        const found = forms(reply.text).find((f) => f.method === 'post' && (f.action === action || (f.action || page) === action));
        assert.ok(found, `no form ${action} on ${page}`);
        return this.post(action, { form: { ...found.fields, ...fields }, headers });
    }
    async login(email, password) { return this.submit('/login', '/login', { email, password }); }
}

export const ok = (reply, status = 200) => {
    assert.equal(reply.status, status, `expected ${status}, got ${reply.status}: ${reply.text.slice(0, 1500)}`);
    return reply.json;
};
// A refusal as problem document; field: one of its issues must name it.
export const refused = (reply, status, field) => {
    assert.equal(reply.status, status, `expected ${status}, got ${reply.status}: ${reply.text.slice(0, 1500)}`);
    assert.match(reply.headers['content-type'] ?? '', /^application\/problem\+json/);
    assert.equal(reply.json.status, status);
    if (field !== undefined) {
        const names = (reply.json.issues ?? []).map((i) => i.field);
        assert.ok(names.some((n) => n === field || n.startsWith(field + '.') || n.startsWith(field + '[')), `the refusal should name ${field}: ${JSON.stringify(reply.json.issues)}`);
    }
    return reply.json;
};
