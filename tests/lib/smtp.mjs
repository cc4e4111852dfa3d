// smtp.mjs: a small real SMTP server for tests: EHLO, STARTTLS with a certificate made for the run, AUTH PLAIN and
// LOGIN, MAIL, RCPT, DATA. Mails are parsed (headers, text and HTML part). It can refuse recipients, answer slowly,
// or be down. SPDX-License-Identifier: GPL-3.0-or-later
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import tls from 'node:tls';

// A certificate authority and a certificate for 127.0.0.1 and localhost: {key, cert, ca (file)}.
export function certificate() {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'gardefou-cert-'));
    const file = (name) => path.join(dir, name);
    const run = (...args) => {
        const done = spawnSync('openssl', args, { encoding: 'utf8' });
        if (done.status !== 0) throw new Error(`openssl ${args.join(' ')}: ${done.stderr}`);
    };
    fs.writeFileSync(file('ext'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=critical,CA:FALSE\n');
    run('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30', '-subj', '/CN=Test CA', '-keyout', file('ca.key'), '-out', file('ca.pem'));
    run('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=localhost', '-keyout', file('key.pem'), '-out', file('csr.pem'));
    run('x509', '-req', '-in', file('csr.pem'), '-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial', '-days', '30', '-extfile', file('ext'), '-out', file('cert.pem'));
    return { key: fs.readFileSync(file('key.pem')), cert: fs.readFileSync(file('cert.pem')), ca: file('ca.pem'), end: () => fs.rmSync(dir, { recursive: true, force: true }) };
}

export const decodeWords = (s) => s.replace(/\?=\s+=\?/g, '?==?').replace(/((?:=\?UTF-8\?B\?[^?]*\?=)+)/g,
    (all) => Buffer.concat([...all.matchAll(/=\?UTF-8\?B\?([^?]*)\?=/g)].map((m) => Buffer.from(m[1], 'base64'))).toString('utf8'));

function headersOf(text) {
    const headers = {};
    for (const line of text.replace(/\r\n[ \t]+/g, ' ').split('\r\n')) {
        const at = line.indexOf(':');
        if (at > 0) headers[line.slice(0, at).toLowerCase()] = decodeWords(line.slice(at + 1).trim());
    }
    return headers;
}

// {headers, text, html, raw, from, to}
export function parseMail(raw) {
    const at = raw.indexOf('\r\n\r\n');
    const headers = headersOf(raw.slice(0, at));
    const boundary = /boundary="([^"]+)"/.exec(headers['content-type'] ?? '')?.[1];
    const mail = { headers, raw };
    for (const part of raw.slice(at + 4).split(`--${boundary}`)) {
        const end = part.indexOf('\r\n\r\n');
        if (end < 0) continue;
        const own = headersOf(part.slice(2, end));
        const body = Buffer.from(part.slice(end + 4), 'base64').toString('utf8');
        if (/text\/plain/.test(own['content-type'])) mail.text = body;
        if (/text\/html/.test(own['content-type'])) mail.html = body;
    }
    return mail;
}

export class SmtpServer {
    constructor({ key, cert, user = 'gardefou', password = 's3cret word', refuse = () => null, tlsOffered = true } = {}) {
        Object.assign(this, { key, cert, user, password, refuse, tlsOffered, mails: [], sessions: 0, plainTries: 0, sockets: new Set(), waiters: [] });
    }
    async start(port = 0) {
        this.server = net.createServer((socket) => this.#session(socket));
        await new Promise((resolve, reject) => { this.server.once('error', reject); this.server.listen(port, '127.0.0.1', resolve); });
        this.port = this.server.address().port;
        return this;
    }
    async stop() {
        for (const s of this.sockets) s.destroy();
        await new Promise((resolve) => this.server.close(resolve));
    }
    #session(first) {
        let socket = first, secure = false, signedIn = false, buffer = '', data = null, from = null, to = [], step = null;
        this.sessions++;
        this.sockets.add(first);
        const say = (line) => { if (!socket.destroyed) socket.write(line + '\r\n'); };
        const check = (user, password) => {
            signedIn = user === this.user && password === this.password;
            say(signedIn ? '235 2.7.0 welcome' : '535 5.7.8 wrong');
        };
        const command = (line) => {
            const verb = line.split(/[ :]/)[0].toUpperCase();
            if (step === 'login-user') { step = { user: Buffer.from(line, 'base64').toString() }; return say('334 UGFzc3dvcmQ6'); }
            if (step?.user !== undefined) { const { user } = step; step = null; return check(user, Buffer.from(line, 'base64').toString()); }
            if (step === 'plain') { step = null; const [, u, p] = Buffer.from(line, 'base64').toString().split('\0'); return check(u, p); }
            if (verb === 'EHLO' || verb === 'HELO') {
                const more = [...(this.tlsOffered && !secure ? ['STARTTLS'] : []), ...(secure ? ['AUTH PLAIN LOGIN'] : []), '8BITMIME'];
                return say(['test.example', ...more].map((l, i, all) => `250${i === all.length - 1 ? ' ' : '-'}${l}`).join('\r\n'));
            }
            if (verb === 'STARTTLS') {
                say('220 go ahead');
                socket.removeAllListeners('data');
                socket = new tls.TLSSocket(socket, { isServer: true, key: this.key, cert: this.cert });
                secure = true;
                socket.on('error', () => {});
                socket.on('data', take);
                return undefined;
            }
            if (verb === 'QUIT') { say('221 bye'); return socket.end(); }
            if (verb === 'AUTH') {
                if (!secure) { this.plainTries++; return say('538 5.7.11 encrypt first'); }
                const [, kind, initial] = line.split(' ');
                if (kind === 'PLAIN') {
                    if (!initial) { step = 'plain'; return say('334 '); }
                    const [, u, p] = Buffer.from(initial, 'base64').toString().split('\0');
                    return check(u, p);
                }
                step = 'login-user';
                return say('334 VXNlcm5hbWU6');
            }
            if (verb === 'MAIL') {
                if (this.user && !signedIn) return say('530 5.7.0 sign in first');
                from = /<([^>]*)>/.exec(line)[1];
                to = [];
                return say('250 ok');
            }
            if (verb === 'RCPT') {
                const who = /<([^>]*)>/.exec(line)[1], why = this.refuse(who);
                if (why) return say(why);
                to.push(who);
                return say('250 ok');
            }
            if (verb === 'DATA') { data = ''; return say('354 go on'); }
            if (verb === 'RSET' || verb === 'NOOP') return say('250 ok');
            return say('500 what?');
        };
        const take = (chunk) => {
            buffer += chunk.toString('latin1');
            for (;;) {
                if (data !== null) {
                    data += buffer;
                    buffer = '';
                    const end = data.indexOf('\r\n.\r\n');
                    if (end < 0) return;
                    const raw = data.slice(0, end + 2).replace(/\r\n\.\./g, '\r\n.');
                    buffer = data.slice(end + 5);
                    data = null;
                    const mail = { ...parseMail(raw), from, to: [...to], secure };
                    this.mails.push(mail);
                    say('250 2.0.0 taken');
                    for (const w of [...this.waiters]) w();
                }
                const at = buffer.indexOf('\r\n');
                if (at < 0) return;
                const line = buffer.slice(0, at);
                buffer = buffer.slice(at + 2);
                command(line);
                if (buffer === '' || socket.destroyed) return;
            }
        };
        socket.on('error', () => {});
        socket.on('close', () => this.sockets.delete(first));
        socket.on('data', take);
        say('220 test.example ESMTP');
    }
    // Waits until a mail fits, and gives it.
    async wait(fits, seconds = 40) {
        const until = Date.now() + seconds * 1000;
        for (;;) {
            const found = this.mails.find(fits);
            if (found) return found;
            if (Date.now() > until) throw new Error(`no such mail in ${seconds} s; there are ${JSON.stringify(this.mails.map((m) => [m.to, m.headers.subject]))}`);
            await new Promise((resolve) => { const w = () => { this.waiters.splice(this.waiters.indexOf(w), 1); resolve(); }; this.waiters.push(w); setTimeout(resolve, 500); });
        }
    }
}
