// The rules of app-token.mjs, with a clock that the test sets and an issuer that answers when the test says so.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppToken } from './app-token.mjs'

function setUp({ lifetimeSeconds } = { lifetimeSeconds: 100 }) {
  const world = { now: 1000, requests: 0, log: [], answer: async () => ({ token: `token-${world.requests}`, lifetimeSeconds }) }
  world.appToken = new AppToken(() => { world.requests += 1; return world.answer() },
    { now: () => world.now, log: (line) => world.log.push(line) })
  return world
}
const settled = () => new Promise(setImmediate)
const down = async () => { throw new Error('no answer') }

test('a hundred pages at once make one request and get the same token', async () => {
  const world = setUp()
  const tokens = await Promise.all(Array.from({ length: 100 }, () => world.appToken.get()))
  assert.equal(world.requests, 1)
  assert.deepEqual(new Set(tokens.map(({ token }) => token)), new Set(['token-1']))
})

test('a token is kept until four fifths of its life are over', async () => {
  const world = setUp()
  await world.appToken.get()
  world.now += 79
  assert.equal((await world.appToken.get()).token, 'token-1')
  assert.equal(world.requests, 1)
})

test('then it is renewed once, in the background: pages do not wait', async () => {
  const world = setUp()
  await world.appToken.get()
  world.now += 80
  let answered
  world.answer = () => new Promise((resolve) => { answered = resolve })
  const pages = await Promise.all(Array.from({ length: 100 }, () => world.appToken.get()))
  assert.deepEqual(new Set(pages.map(({ token }) => token)), new Set(['token-1']))
  assert.equal(world.requests, 2)
  answered({ token: 'token-2', lifetimeSeconds: 100 })
  await settled()
  assert.equal((await world.appToken.get()).token, 'token-2')
  assert.equal(world.requests, 2)
})

test('while no renewal succeeds, the old token is used until its end and not after it', async () => {
  const world = setUp()
  await world.appToken.get()
  world.answer = down
  for (const seconds of [80, 90, 98.9]) {
    world.now = 1000 + seconds
    assert.equal((await world.appToken.get()).token, 'token-1')
    await settled()
  }
  assert.match(world.log[1], /^no new token: no answer; the old one is good for 19 s more$/)
  world.now = 1099
  await assert.rejects(world.appToken.get(), /no answer/)
})

test('after a failure there is a pause, and then a new token when the issuer is back', async () => {
  const world = setUp()
  world.answer = down
  await assert.rejects(world.appToken.get())
  await assert.rejects(world.appToken.get())
  assert.equal(world.requests, 1)
  world.now += 1
  world.answer = async () => ({ token: 'back', lifetimeSeconds: 100 })
  assert.equal((await world.appToken.get()).token, 'back')
  assert.equal(world.requests, 2)
})

test('all pages that wait learn of a failure, and none is left waiting', async () => {
  const world = setUp()
  world.answer = down
  const outcomes = await Promise.allSettled(Array.from({ length: 100 }, () => world.appToken.get()))
  assert.ok(outcomes.every(({ status }) => status === 'rejected'))
  assert.equal(world.requests, 1)
})

test('a token that the API refused is not used again, and a newer one is kept', async () => {
  const world = setUp()
  const first = await world.appToken.get()
  world.appToken.forget(first)
  const second = await world.appToken.get()
  assert.equal(second.token, 'token-2')
  world.appToken.forget(first) // a slow page that still has the old one
  assert.equal(await world.appToken.get(), second)
})

test('an answer that took long does not live longer than the issuer meant', async () => {
  const world = setUp()
  world.answer = async () => { world.now += 50; return { token: 'slow', lifetimeSeconds: 100 } }
  await world.appToken.get()
  world.answer = down
  world.now = 1099
  await assert.rejects(world.appToken.get())
})

test('without a lifetime a token counts as good for a minute', async () => {
  const world = setUp({})
  await world.appToken.get()
  world.now += 60
  assert.equal((await world.appToken.get()).token, 'token-2')
})
