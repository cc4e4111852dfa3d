// receiver.mjs: an HTTPS server that takes webhooks, for tests: keeps each request as it came, checks nothing by
// itself, answers what it is told. SPDX-License-Identifier: GPL-3.0-or-later
import { createHmac } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';

export class Receiver {
    constructor({ key, cert, answer = () => 200 } = {}) { Object.assign(this, { key, cert, answer, got: [] }); }
    async start() {
        const take = (request, reply) => {
            const parts = [];
            request.on('data', (d) => parts.push(d));
            request.on('end', () => {
                const body = Buffer.concat(parts).toString('utf8');
                const one = { headers: request.headers, body, json: JSON.parse(body), path: request.url, at: Date.now() };
                const status = this.answer(one, this.got.length);
                this.got.push({ ...one, status });
                if (status === 0) request.socket.destroy();
                else reply.writeHead(status, status >= 300 && status < 400 ? { location: '/elsewhere' } : {}).end('ok');
            });
        };
        this.server = this.key ? https.createServer({ key: this.key, cert: this.cert }, take) : http.createServer(take);
        await new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve));
        this.port = this.server.address().port;
        this.url = `${this.key ? 'https' : 'http'}://127.0.0.1:${this.port}/hook`;
        return this;
    }
    async stop() { this.server.closeAllConnections(); await new Promise((resolve) => this.server.close(resolve)); }
    taken() { return this.got.filter((g) => g.status >= 200 && g.status < 300); }
    async wait(fits, seconds = 40) {
        const until = Date.now() + seconds * 1000;
        for (;;) {
            const found = this.got.find(fits);
            if (found) return found;
            if (Date.now() > until) throw new Error(`no such message in ${seconds} s; there are ${JSON.stringify(this.got.map((g) => g.json.event))}`);
            await new Promise((r) => setTimeout(r, 100));
        }
    }
}

export const signatureOf = (secret, got) =>
    'sha256=' + createHmac('sha256', secret).update(`${got.headers['x-gardefou-timestamp']}.${got.body}`).digest('hex');
