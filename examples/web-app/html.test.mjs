// The escaping of html.mjs.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { html } from './html.mjs'

test('what is put in is text, in elements and in attributes', () => {
  const title = `<img src=x onerror="alert('1')"> & more`
  assert.equal(html`<li title="${title}">${[title]}</li>`.toString(),
    '<li title="&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt; &amp; more">' +
    '&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt; &amp; more</li>')
})

test('what comes out of a template stays what it is', () => {
  assert.equal(html`<ul>${['a', '<'].map((each) => html`<li>${each}</li>`)}</ul>`.toString(), '<ul><li>a</li><li>&lt;</li></ul>')
})

test('an object that pretends to be a template is text, and nothing is nothing', () => {
  assert.equal(html`<p>${{ text: '<b>' }}${null}${undefined}${0}</p>`.toString(), '<p>[object Object]0</p>')
})
