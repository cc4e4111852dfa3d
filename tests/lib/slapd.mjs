// slapd.mjs: a real OpenLDAP server for tests: without privileges, on a free port, with a certificate made for the run
// and its data in a folder that goes away. Changes are made with ldapmodify's protocol through a small client of our
// own. SPDX-License-Identifier: GPL-3.0-or-later
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import tls from 'node:tls';

const programs = ['/usr/sbin/slapd', '/usr/libexec/slapd', '/usr/lib/openldap/slapd'];
export const suffix = 'dc=bank,dc=test';
const managerPassword = 'the manager of the test';

const freePort = () => new Promise((resolve) => {
    const s = net.createServer().listen(0, '127.0.0.1', () => { const { port } = s.address(); s.close(() => resolve(port)); });
});

// ---- just enough of LDAP (RFC 4511) to change what the server holds ----

const size = (n) => (n < 128 ? [n] : n < 256 ? [0x81, n] : [0x82, n >> 8, n & 255]);
const tlv = (tag, ...parts) => { const body = Buffer.concat(parts.map((p) => (typeof p === 'string' ? Buffer.from(p) : Buffer.from(p)))); return Buffer.concat([Buffer.from([tag, ...size(body.length)]), body]); };
const text = (s) => tlv(4, s), int = (n) => tlv(2, [n]), code = (n) => tlv(10, [n]);
const attribute = (name, values) => tlv(0x30, text(name), tlv(0x31, ...values.map(text)));

class Manager {
    constructor(port, ca) { Object.assign(this, { port, ca, id: 0, waiting: [] }); }
    async open(dn, password) {
        this.socket = net.connect(this.port, '127.0.0.1');
        await new Promise((resolve, reject) => this.socket.once('connect', resolve).once('error', reject));
        this.#listen();
        await this.#ask(tlv(0x77, tlv(0x80, '1.3.6.1.4.1.1466.20037')));
        this.socket.removeAllListeners('data');
        this.socket = tls.connect({ socket: this.socket, ca: fs.readFileSync(this.ca), servername: 'localhost' });
        await new Promise((resolve, reject) => this.socket.once('secureConnect', resolve).once('error', reject));
        this.#listen();
        await this.#ask(tlv(0x60, int(3), text(dn), tlv(0x80, password)));
        return this;
    }
    #listen() {
        let held = Buffer.alloc(0);
        this.socket.on('data', (d) => {
            held = Buffer.concat([held, d]);
            while (held.length > 2) {
                const long = held[1] & 0x80 ? held[1] & 0x7f : 0, length = long ? held.readUIntBE(2, long) : held[1], all = 2 + long + length;
                if (held.length < all) return;
                const message = held.subarray(2 + long, all);
                held = held.subarray(all);
                const body = message.subarray(2 + message[1]), at = body[1] & 0x80 ? 2 + (body[1] & 0x7f) : 2;
                this.waiting.shift()?.(body[at + 2]);
            }
        });
    }
    async #ask(operation) {
        const result = await new Promise((resolve) => { this.waiting.push(resolve); this.socket.write(tlv(0x30, int(++this.id), operation)); });
        if (result !== 0) throw new Error(`LDAP result ${result}`);
    }
    add(dn, attributes) { return this.#ask(tlv(0x68, text(dn), tlv(0x30, ...Object.entries(attributes).map(([k, v]) => attribute(k, [].concat(v)))))); }
    // how: "add", "delete" or "replace"
    modify(dn, how, name, values) { return this.#ask(tlv(0x66, text(dn), tlv(0x30, tlv(0x30, code({ add: 0, delete: 1, replace: 2 }[how]), attribute(name, [].concat(values ?? [])))))); }
    remove(dn) { return this.#ask(Buffer.concat([Buffer.from([0x4a, dn.length]), Buffer.from(dn)])); }
    close() { this.socket?.destroy(); }
}

export class Slapd {
    constructor(cert) { this.cert = cert; }
    async start() {
        const program = programs.find((p) => fs.existsSync(p));
        if (!program) throw new Error('slapd is not installed (tools/deps.sh test)');
        this.dir ??= fs.mkdtempSync(path.join(os.tmpdir(), 'gardefou-slapd-'));
        this.port ??= await freePort();
        const file = (name) => path.join(this.dir, name);
        if (!fs.existsSync(file('data'))) {
            fs.mkdirSync(file('data'));
            fs.writeFileSync(file('key.pem'), this.cert.key, { mode: 0o600 });
            fs.writeFileSync(file('cert.pem'), this.cert.cert);
            const modules = fs.existsSync('/usr/lib/ldap/back_mdb.la') || fs.existsSync('/usr/lib/ldap/back_mdb.so') ? 'modulepath /usr/lib/ldap\nmoduleload back_mdb\n' : '';
            const schema = fs.existsSync('/etc/ldap/schema') ? '/etc/ldap/schema' : '/etc/openldap/schema';
            fs.writeFileSync(file('slapd.conf'), `${modules}include ${schema}/core.schema\ninclude ${schema}/cosine.schema\ninclude ${schema}/inetorgperson.schema
attributetype ( 1.2.840.113556.1.4.8 NAME 'userAccountControl' EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
objectclass ( 1.3.6.1.4.1.4203.666.100.1 NAME 'accountControl' SUP top AUXILIARY MAY userAccountControl )
pidfile ${file('pid')}
TLSCertificateFile ${file('cert.pem')}
TLSCertificateKeyFile ${file('key.pem')}
security simple_bind=128
disallow bind_anon
sizelimit size.soft=100 size.hard=100 size.pr=100 size.prtotal=unlimited
database mdb
suffix "${suffix}"
rootdn "cn=manager,${suffix}"
rootpw "${managerPassword}"
directory ${file('data')}
maxsize 10485760
dbnosync
access to attrs=userPassword by anonymous auth by * none
access to * by users read by * none
`);
        }
        this.child = spawn(program, ['-f', file('slapd.conf'), '-h', `ldap://127.0.0.1:${this.port}`, '-d', '0'], { stdio: ['ignore', 'ignore', 'pipe'] });
        let errors = '';
        this.child.stderr.on('data', (d) => { errors += d; });
        this.ended = new Promise((resolve) => this.child.once('close', resolve));
        for (let i = 0; ; i++) {
            const open = await new Promise((resolve) => { const c = net.connect(this.port, '127.0.0.1', () => { c.destroy(); resolve(true); }).once('error', () => resolve(false)); });
            if (open) break;
            if (i > 100 || this.child.exitCode !== null) throw new Error(`slapd did not start: ${errors || spawnSync(program, ['-T', 'test', '-f', file('slapd.conf')], { encoding: 'utf8' }).stderr}`);
            await new Promise((r) => setTimeout(r, 100));
        }
        return this;
    }
    // A connection as the manager: add, modify, remove.
    manager() { return new Manager(this.port, this.cert.ca).open(`cn=manager,${suffix}`, managerPassword); }
    async stop() {
        if (!this.child) return;
        this.child.kill('SIGTERM');
        await this.ended;
        this.child = null;
    }
    async end() {
        await this.stop();
        if (this.dir) fs.rmSync(this.dir, { recursive: true, force: true });
    }
}
