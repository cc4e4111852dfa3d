// schema.mjs: compares a reply with its description in the OpenAPI document: the subset of JSON Schema that
// the document uses. What a reply holds and the document does not name is an error too.
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';

function resolve(doc, schema) {
    for (let i = 0; schema && schema.$ref && i < 20; i++) {
        const rest = { ...schema };
        delete rest.$ref;
        let at = doc;
        for (const part of schema.$ref.replace(/^#\//, '').split('/')) at = at?.[part];
        assert.ok(at, `the document lacks ${schema.$ref}`);
        schema = { ...at, ...rest };
    }
    return schema;
}

const typeOf = (v) => v === null ? 'null' : v instanceof Array ? 'array' : Number.isInteger(v) ? 'integer' : typeof v;
const formats = {
    date: /^\d{4}-\d\d-\d\d$/,
    'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/,
};

export function problemsOf(doc, schema, value, at = '$', out = []) {
    schema = resolve(doc, schema);
    if (!schema || out.length > 20) return out;
    for (const word of ['oneOf', 'anyOf']) {
        if (!schema[word]) continue;
        if (!schema[word].some((s) => problemsOf(doc, s, value, at).length === 0)) out.push(`${at}: fits none of ${word}`);
        return out;
    }
    const kind = typeOf(value);
    if (schema.type) {
        const allowed = [].concat(schema.type);
        if (!allowed.includes(kind) && !(kind === 'integer' && allowed.includes('number'))) {
            out.push(`${at}: is ${kind}, should be ${allowed.join(' or ')}`);
            return out;
        }
    }
    if (value === null) return out;
    if (schema.enum && !schema.enum.includes(value)) out.push(`${at}: ${JSON.stringify(value)} is none of the choices`);
    if (schema.pattern && kind === 'string' && !new RegExp(schema.pattern, 'u').test(value)) out.push(`${at}: ${value} does not match ${schema.pattern}`);
    if (schema.format && formats[schema.format] && !formats[schema.format].test(value)) out.push(`${at}: ${value} is no ${schema.format}`);
    if (schema.maxLength !== undefined && [...value].length > schema.maxLength) out.push(`${at}: too long`);
    if (schema.minimum !== undefined && value < schema.minimum) out.push(`${at}: below the minimum`);
    if (schema.maximum !== undefined && value > schema.maximum) out.push(`${at}: above the maximum`);
    if (kind === 'array' && schema.items) value.forEach((v, i) => problemsOf(doc, schema.items, v, `${at}[${i}]`, out));
    if (kind === 'object' && (schema.properties || schema.required)) {
        for (const name of schema.required ?? []) if (!(name in value)) out.push(`${at}: ${name} is missing`);
        for (const [name, v] of Object.entries(value)) {
            const own = schema.properties?.[name];
            if (own) problemsOf(doc, own, v, `${at}.${name}`, out);
            else if (schema.additionalProperties === undefined || schema.additionalProperties === false) out.push(`${at}.${name}: is not in the description`);
        }
    }
    return out;
}

// The path template of the document that an address belongs to.
export function routeOf(doc, method, target) {
    const parts = target.split('/');
    let best = null, score = -1;
    for (const [route, item] of Object.entries(doc.paths)) {
        if (!item[method.toLowerCase()]) continue;
        const own = route.split('/');
        if (own.length !== parts.length) continue;
        let exact = 0;
        if (!own.every((p, i) => p.startsWith('{') ? parts[i] !== '' : p === parts[i] && ++exact)) continue;
        if (exact > score) { best = route; score = exact; }
    }
    return best;
}

// What is wrong with a reply; empty when it is as described.
export function checkReply(doc, method, route, reply) {
    const operation = doc.paths[route][method.toLowerCase()];
    let answer = operation.responses?.[String(reply.status)];
    if (!answer && [404, 405, 413, 503].includes(reply.status)) return [];
    if (!answer) return [`status ${reply.status} is not described`];
    answer = resolve(doc, answer);
    const type = (reply.headers['content-type'] ?? '').split(';')[0];
    if (!answer.content) return operation.responses[String(reply.status)].$ref ? [] : reply.body.length ? ['the reply has no schema'] : [];
    const media = answer.content[type];
    if (!media) return [`content type ${type} is not described`];
    return problemsOf(doc, media.schema, reply.json);
}
