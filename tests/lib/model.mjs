// model.mjs: the effective model as the program prints it, and an own reading of its grants: the oracle that
// the server's answers are compared with. Shares no code with the program.
// SPDX-License-Identifier: GPL-3.0-or-later
import { must } from './server.mjs';

export async function loadModel(db) {
    const model = await must(db, ['model', '--json']);
    model.type = (name) => model.types.find((t) => t.name === name);
    return model;
}

const closedWord = (type, name) => {
    // The model prints no flags of states: a state without a way on, or one whose name says so, is closed.
    const state = type.states.find((s) => s.name === name);
    if (state?.closed !== undefined) return state.closed;
    return ['closed', 'cancelled', 'retired', 'disabled', 'applied', 'refused', 'accepted', 'reversed', 'rejected', 'validated', 'published', 'withdrawn', 'granted'].includes(name);
};

// The owner, and who stands in a field that assigns.
const isAssigned = (type, record, email) => record.owner === email || type.fields.some((f) => f.assigned
    && [].concat(record[f.name] ?? []).some((v) => (v?.key ?? v) === email));
// "@creator", "@owner" or "@FIELD": the person whom the record names.
export const isPerson = (record, word, email) => email === (word === '@creator' ? record.created_by : word === '@owner' ? record.owner
    : record[word.slice(1)]?.key ?? record[word.slice(1)]);

// person: {email, roles: [{role, units: Set or null}]}; record: {unit, created_by, owner, restricted, readers, state}.
export function grantsFor(type, person, record, op) {
    const found = [];
    for (const grant of type.grants) {
        if (!grant.ops.includes(op)) continue;
        for (const own of person.roles) {
            if (own.role !== grant.role) continue;
            if (record) {
                if (grant.scope === 'own' && record.created_by !== person.email) continue;
                if (grant.scope === 'assigned' && !isAssigned(type, record, person.email)) continue;
                if (grant.scope === 'all' || grant.scope === 'unit') {
                    if (record.restricted && !grant.restricted) continue;
                    if (grant.scope === 'unit' && own.units && !own.units.has(record.unit)) continue;
                }
                if (op === 'update') {
                    if (grant.states ? !grant.states.split(' ').includes(record.state) : closedWord(type, record.state)) continue;
                }
            }
            found.push(grant);
        }
    }
    if (record && op === 'read' && record.restricted && (record.readers ?? []).includes(person.email)) found.push({ hide: null, named: true });
    return found;
}

export const may = (type, person, record, op) => grantsFor(type, person, record, op).length > 0;

// Fields that every applicable grant hides.
export function hiddenFields(type, person, record) {
    const grants = grantsFor(type, person, record, 'read');
    const sets = grants.map((g) => {
        if (!g.hide) return new Set();
        if (g.hide === '*') return new Set(type.fields.map((f) => f.name).filter((n) => !(g.show ?? '').split(' ').includes(n)));
        return new Set(g.hide.split(' '));
    });
    if (!sets.length) return new Set();
    return new Set([...sets[0]].filter((n) => sets.every((s) => s.has(n))));
}
